import { useMemo, useState } from 'react';
import { Figure } from '../components/figure/Figure.tsx';
import { percent, signed } from '../components/format.ts';
import { Segmented } from '../components/Segmented.tsx';
import { Term } from '../components/Term.tsx';
import type { JudgedRollout, JudgedToken } from '../../grpo/judge.ts';
import type { GroupResult } from '../../lab/protocol.ts';
import { HeatText, type TokenLook } from './HeatText.tsx';
import { heatStep, heatTop, type Judged } from './judged.ts';
import { TokenFormula } from './TokenFormula.tsx';
import { WholePassages } from './WholePassages.tsx';
import styles from './Phase.module.css';

interface ObjectivePhaseProps {
  readonly group: GroupResult;
  /** Place of the group in what was judged. */
  readonly place: number;
  readonly judged: Judged;
  readonly loss: number | undefined;
}

const measures = [
  { value: 'push', label: 'push' },
  { value: 'objective', label: 'objective' },
  { value: 'ratio', label: 'log ratio' },
  { value: 'kl', label: 'KL' },
] as const;
type Measure = (typeof measures)[number]['value'];

const valueOf = (token: JudgedToken, measure: Measure): number =>
  measure === 'ratio' ? Math.log(token.ratio) : token[measure];

/** Every trained token, weighed: the objective as heat over the text, and one token's formula in full. */
export function ObjectivePhase({ group, place, judged, loss }: ObjectivePhaseProps) {
  const [measure, setMeasure] = useState<Measure>('push');
  const [whole, setWhole] = useState(false);
  const [selected, setSelected] = useState<{ rollout: number; token: number }>();
  const rollouts = judged.groups[place] ?? [];
  const shown = selected ?? firstMoved(rollouts);
  const top = useMemo(
    () =>
      heatTop(
        judged.groups
          .flat()
          .flatMap(({ tokens }) => tokens.flatMap((token) => (token ? [valueOf(token, measure)] : []))),
      ),
    [judged, measure],
  );
  const pushes = rollouts.map(pushOf);
  const all = judged.groups.flat().reduce((sum, rollout) => sum + pushOf(rollout), 0);
  return (
    <div className={styles.split}>
      <div>
        <Figure
          name={`tokens-by-${measure}`}
          caption={
            <h2>
              Every trained token, weighed{' '}
              <em>
                orange: above 0, made likelier · blue: below 0 · underlined: clipped · dotted: inserted, not
                trained
              </em>
            </h2>
          }
          table={() => ({
            columns: ['rollout', 'token', 'text', 'advantage', ...measures.map(({ label }) => label)],
            rows: rollouts.flatMap(({ tokens, advantage }, r) =>
              tokens.flatMap((token, t) =>
                token === null
                  ? []
                  : [
                      [
                        r + 1,
                        t,
                        group.traces[r]?.tokens.texts[t] ?? '',
                        advantage,
                        ...measures.map(({ value }) => valueOf(token, value)),
                      ],
                    ],
              ),
            ),
          })}
        >
          <div className={styles.choice}>
            <span>Colour by</span>
            <Segmented
              label="Measure of the tokens"
              value={measure}
              options={measures}
              onChange={setMeasure}
            />
            <WholePassages whole={whole} onChange={setWhole} />
          </div>
          <ol className={styles.rows}>
            {group.traces.map((trace, i) => {
              const rollout = rollouts[i];
              return (
                <li key={trace.id}>
                  <span className={styles.side}>
                    <b className={sign(rollout?.advantage)}>
                      {rollout === undefined || rollout.leftOut ? 'left out' : signed(rollout.advantage)}
                    </b>
                    <small>{all > 0 ? percent((pushes[i] ?? 0) / all) : '–'}</small>
                  </span>
                  <HeatText
                    trace={trace}
                    label={`Rollout ${i + 1}, advantage ${signed(rollout?.advantage ?? 0)}`}
                    short={!whole}
                    selected={shown?.rollout === i ? shown.token : undefined}
                    onSelect={(token) => setSelected({ rollout: i, token })}
                    look={(token): TokenLook | undefined => {
                      const found = rollout?.tokens[token];
                      if (found === undefined || found === null) return undefined;
                      return { heat: heatStep(valueOf(found, measure), top), underlined: found.clipped };
                    }}
                  />
                </li>
              );
            })}
          </ol>
        </Figure>
        <p className={styles.note}>
          At the left: <Term name="advantage">advantage</Term>, and the rollout’s share of all{' '}
          <Term name="push">push</Term> of the batch.
        </p>
      </div>
      <aside className={styles.aside} aria-label="One token’s objective">
        <TokenFormula
          recipe={judged.recipe}
          trace={shown && group.traces[shown.rollout]}
          rollout={shown && rollouts[shown.rollout]}
          rolloutNumber={(shown?.rollout ?? 0) + 1}
          token={shown?.token}
        />
        {loss !== undefined && (
          <p className={styles.note}>
            <Term name="loss">Loss</Term> of the minibatch, as the update found it: <b>{signed(loss, 5)}</b>
          </p>
        )}
      </aside>
    </div>
  );
}

const pushOf = ({ tokens }: JudgedRollout): number =>
  tokens.reduce((sum, token) => sum + Math.abs(token?.push ?? 0), 0);

const sign = (value: number | undefined): string | undefined =>
  value === undefined || value === 0 ? undefined : value > 0 ? styles.moreText : styles.lessText;

/** A token to begin with: the one of the group that is pushed hardest. */
function firstMoved(rollouts: readonly JudgedRollout[]): { rollout: number; token: number } | undefined {
  let best: { rollout: number; token: number } | undefined;
  let most = -1;
  rollouts.forEach(({ tokens }, rollout) =>
    tokens.forEach((found, token) => {
      if (found === null || Math.abs(found.push) <= most) return;
      most = Math.abs(found.push);
      best = { rollout, token };
    }),
  );
  return best;
}
