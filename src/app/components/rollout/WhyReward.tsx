import type { ReactNode } from 'react';
import type { Recipe } from '../../../lab/recipe.ts';
import { isWellFormed } from '../../../traces/means.ts';
import { earned } from '../../../traces/earned.ts';
import type { Trace } from '../../../traces/trace.ts';
import { fixed } from '../format.ts';
import { rewardSentence } from '../rewardWords.ts';
import { AdvantageFormula } from './AdvantageFormula.tsx';
import { Term } from '../Term.tsx';
import styles from './WhyReward.module.css';

interface WhyRewardProps {
  readonly trace: Trace;
  /** Of the group that the rollout was drawn in; absent: it has none, or its rewards are not told. */
  readonly group?: { readonly mean: number; readonly std: number; readonly size: number } | undefined;
  /** What the advantage was taken by. */
  readonly grpo?: Pick<Recipe['grpo'], 'variant' | 'divideByStd'> | undefined;
}

/** What a rollout earned and why: the branch of the reward, the answer beside the accepted one, the advantage. */
export function WhyReward({ trace, group, grpo }: WhyRewardProps) {
  const { reward, question } = trace;
  if (reward === undefined) {
    const why = trace.stop === 'aborted' ? 'It was broken off before it ended.' : rewardSentence(trace);
    return <p className={styles.none}>No reward. {why}</p>;
  }
  const { branch } = reward;
  const form = branch === 'not told' ? 'not told' : isWellFormed(branch) ? 'well formed' : branch;
  return (
    <div className={styles.why}>
      <p>{rewardSentence(trace)}</p>
      <dl>
        <Row name="Form" value={form} />
        <Row name="Answer" value={reward.answer === undefined ? 'none read' : `“${reward.answer}”`} />
        <Row
          name="Accepted"
          value={
            question.golds.length === 0 ? 'not known' : question.golds.map((gold) => `“${gold}”`).join(', ')
          }
        />
        {question.golds.length > 0 && (
          <Row
            name={
              <>
                <Term name="exactMatch">Exact</Term> · <Term name="f1">F1</Term>
              </>
            }
            value={`${fixed(reward.em, 0)} · ${fixed(reward.f1)}`}
          />
        )}
        {reward.shaping !== undefined && <Row name="Length" value={fixed(reward.shaping)} />}
        <Row name={<Term name="reward">Reward</Term>} value={fixed(earned(trace))} strong />
      </dl>
      {group !== undefined && grpo !== undefined && (
        <AdvantageFormula
          reward={earned(trace)}
          mean={group.mean}
          std={group.std}
          size={group.size}
          advantage={trace.advantage}
          variant={grpo.variant}
          divideByStd={grpo.divideByStd}
        />
      )}
    </div>
  );
}

function Row({
  name,
  value,
  strong = false,
}: {
  readonly name: ReactNode;
  readonly value: string;
  readonly strong?: boolean;
}) {
  return (
    <div className={strong ? styles.strong : undefined}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
