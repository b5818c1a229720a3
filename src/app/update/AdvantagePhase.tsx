import { AdvantageBar } from '../components/AdvantageBar.tsx';
import { Figure } from '../components/figure/Figure.tsx';
import { fixed, signed } from '../components/format.ts';
import { AdvantageFormula } from '../components/rollout/AdvantageFormula.tsx';
import { Term } from '../components/Term.tsx';
import { earned } from '../../traces/earned.ts';
import type { GroupResult } from '../../lab/protocol.ts';
import type { JudgedRollout } from '../../grpo/judge.ts';
import { variantOf } from '../../grpo/variants/variants.ts';
import type { Recipe } from '../../lab/recipe.ts';
import styles from './Phase.module.css';

interface AdvantagePhaseProps {
  readonly group: GroupResult;
  readonly rollouts: readonly JudgedRollout[];
  readonly recipe: Recipe;
  readonly selected: number;
  readonly onSelect: (rollout: number) => void;
}

/** Rewards of the group on one line, with mean and spread; then each rollout's advantage, with its numbers put in. */
export function AdvantagePhase({ group, rollouts, recipe, selected, onSelect }: AdvantagePhaseProps) {
  const { variant, divideByStd } = recipe.grpo;
  const rewards = group.traces.map(earned);
  const trace = group.traces[selected];
  return (
    <div className={styles.split}>
      <div>
        <Figure
          name="rewards-of-the-group"
          caption={
            <h2>
              The group’s rewards{' '}
              <em>a dot a rollout · line: mean · shaded: one spread either way · hollow: below the mean</em>
            </h2>
          }
          table={() => ({
            columns: ['rollout', 'reward', 'advantage'],
            rows: rewards.map((reward, i) => [i + 1, reward, rollouts[i]?.advantage ?? null]),
          })}
        >
          <RewardLine rewards={rewards} mean={group.meanReward} std={group.stdReward} />
        </Figure>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Rollout</th>
              <th scope="col">
                <Term name="reward">Reward</Term>
              </th>
              <th scope="col">less the mean</th>
              <th scope="col">
                <Term name="advantage">Advantage</Term>
              </th>
              <th scope="col">
                <span className="visuallyHidden">drawn</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rewards.map((reward, i) => (
              <tr key={i} className={selected === i ? styles.on : undefined}>
                <th scope="row">
                  <button type="button" aria-pressed={selected === i} onClick={() => onSelect(i)}>
                    {i + 1}
                  </button>
                </th>
                <td>{fixed(reward)}</td>
                <td>{signed(reward - group.meanReward)}</td>
                <td>
                  <b>{rollouts[i]?.leftOut === true ? 'left out' : signed(rollouts[i]?.advantage ?? 0)}</b>
                </td>
                <td className={styles.bar}>
                  <AdvantageBar value={rollouts[i]?.leftOut === true ? undefined : rollouts[i]?.advantage} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <aside className={styles.aside} aria-label="The formula">
        <div className={styles.panel}>
          <h2>
            {variantOf(variant).label}, rollout {selected + 1}
          </h2>
          <p className={styles.formula}>
            <Term name="mean">mean</Term> = ({rewards.map((reward) => fixed(reward)).join(' + ')}) /{' '}
            {rewards.length}{' '}
            <span className={styles.result}>
              = <b>{fixed(group.meanReward, 3)}</b>
            </span>
            <br />
            <Term name="spread">spread</Term> = √(Σ (r − mean)² / {rewards.length - 1}) = √(
            {fixed(squares(rewards, group.meanReward), 3)} / {rewards.length - 1}){' '}
            <span className={styles.result}>
              = <b>{fixed(group.stdReward, 3)}</b>
            </span>
          </p>
          <AdvantageFormula
            reward={trace && earned(trace)}
            mean={group.meanReward}
            std={group.stdReward}
            size={rewards.length}
            advantage={rollouts[selected]?.advantage}
            variant={variant}
            divideByStd={divideByStd}
          />
          <p className={styles.note}>{variantOf(variant).about}</p>
        </div>
      </aside>
    </div>
  );
}

const squares = (values: readonly number[], mean: number): number =>
  values.reduce((sum, value) => sum + (value - mean) ** 2, 0);

const width = 480;
const height = 64;
const pad = 14;

function RewardLine({
  rewards,
  mean,
  std,
}: {
  readonly rewards: readonly number[];
  readonly mean: number;
  readonly std: number;
}) {
  const low = Math.min(0, ...rewards);
  const high = Math.max(1, ...rewards);
  const x = (value: number): number => pad + ((value - low) / (high - low)) * (width - 2 * pad);
  const above = new Map<number, number>();
  return (
    <svg
      className={styles.line}
      viewBox={`0 0 ${width} ${height + 24}`}
      role="img"
      aria-label={`Rewards ${rewards.map((reward) => fixed(reward)).join(', ')}; mean ${fixed(mean)}, spread ${fixed(std)}`}
    >
      <rect
        x={x(Math.max(low, mean - std))}
        width={Math.max(0, x(Math.min(high, mean + std)) - x(Math.max(low, mean - std)))}
        y={4}
        height={height - 4}
        className={styles.band}
      />
      <line x1={pad} x2={width - pad} y1={height} y2={height} className={styles.axis} />
      <line x1={x(mean)} x2={x(mean)} y1={0} y2={height} className={styles.mean} />
      {rewards.map((reward, i) => {
        const level = above.get(reward) ?? 0;
        above.set(reward, level + 1);
        return (
          <circle
            key={i}
            cx={x(reward)}
            cy={height - 7 - level * Math.min(11, (height - 14) / rewards.length)}
            r={5}
            className={reward > mean ? styles.more : reward < mean ? styles.less : styles.even}
          />
        );
      })}
      {[low, (low + high) / 2, high].map((value) => (
        <text key={value} x={x(value)} y={height + 18} textAnchor="middle">
          {fixed(value, 1)}
        </text>
      ))}
      <text x={x((low + high) * 0.75)} y={height + 18} textAnchor="middle">
        reward
      </text>
    </svg>
  );
}
