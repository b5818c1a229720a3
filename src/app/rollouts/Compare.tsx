import { useMemo, useRef, type ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { counted, fixed, probability, signed } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import { rewardSentence } from '../components/rewardWords.ts';
import { Turns } from '../components/rollout/Turns.tsx';
import { tokenProbability } from '../components/rollout/tokenMeasures.ts';
import { Strip } from '../components/Strip.tsx';
import { useApp } from '../store/store.ts';
import { compareTraces } from '../../traces/compare.ts';
import type { Trace } from '../../traces/trace.ts';
import styles from './Compare.module.css';

/** One of two rollouts that stand side by side. */
export interface Side {
  readonly label: string;
  /** What is to be known of it beside its label. */
  readonly about?: ReactNode;
  readonly trace: Trace;
  readonly streaming?: boolean;
  readonly acts?: ReactNode;
}

interface CompareProps {
  readonly left: Side;
  readonly right: Side;
  readonly onPick: (index: number) => void;
  readonly picked: number | undefined;
}

/** Two rollouts side by side: what both begin with once, then where they part and how each goes on. */
export function Compare({ left, right, onPick, picked }: CompareProps) {
  const colour = useApp((state) => state.tokenColour);
  const goldMarked = useApp((state) => state.goldMarked);
  const parting = useRef<HTMLDivElement>(null);
  const comparison = useMemo(() => compareTraces(left.trace, right.trace), [left.trace, right.trace]);
  const { common } = comparison;
  const scale = Math.max(left.trace.tokens.texts.length, right.trace.tokens.texts.length, 1);
  const unit = left.trace.pieces === 'words' ? ['word', 'words'] : ['token', 'tokens'];
  // The turn in which they part is shown on both sides, whole.
  const from = left.trace.segments.findLast(({ start }) => start <= common)?.start ?? 0;
  const turns = left.trace.segments.filter(({ end }) => end <= from).length;
  const same = common === left.trace.tokens.texts.length && common === right.trace.tokens.texts.length;
  return (
    <div className={styles.compare}>
      <div className={styles.heads}>
        {[left, right].map((side, i) => (
          <div key={i} className={styles.head}>
            <h3>
              {side.label} {side.about}
            </h3>
            <Strip trace={side.trace} scale={scale} tall />
            <Outcome side={side} />
            {side.acts !== undefined && <div className={styles.acts}>{side.acts}</div>}
          </div>
        ))}
      </div>
      {turns > 0 && (
        <details className={styles.same}>
          <summary>
            {counted(turns, 'turn', 'turns')} the same in both, {counted(from, unit[0] ?? '', unit[1] ?? '')}
          </summary>
          <Turns
            trace={left.trace}
            label="The same in both"
            to={from}
            colour={colour}
            goldMarked={goldMarked}
            onPick={onPick}
          />
        </details>
      )}
      {same ? (
        <p className={styles.parting}>Both wrote the same, to the end.</p>
      ) : (
        <Parting left={left} right={right} common={common} unit={unit[0] ?? ''} element={parting} />
      )}
      <div className={styles.columns}>
        <section aria-label={left.label}>
          <h4 className={styles.narrowLabel}>{left.label}</h4>
          <Turns
            trace={left.trace}
            label={left.label}
            from={from}
            colour={colour}
            goldMarked={goldMarked}
            shared={comparison.left}
            onPick={onPick}
            picked={picked}
          />
        </section>
        <section aria-label={right.label}>
          <h4 className={styles.narrowLabel}>{right.label}</h4>
          <Turns
            trace={right.trace}
            label={right.label}
            from={from}
            colour={colour}
            goldMarked={goldMarked}
            shared={comparison.right}
            streaming={right.streaming ?? false}
          />
        </section>
      </div>
      <p className={styles.hint}>Bold words stand on one side alone; grey ones stand on both.</p>
    </div>
  );
}

function Outcome({ side: { trace, streaming } }: { readonly side: Side }) {
  if (streaming === true) return <p className={styles.outcome}>being written…</p>;
  if (trace.reward === undefined) {
    return (
      <p className={styles.outcome}>{trace.stop === 'aborted' ? 'Broken off.' : rewardSentence(trace)}</p>
    );
  }
  return (
    <p className={styles.outcome}>
      <Term name="reward">reward</Term> <b>{fixed(trace.reward.value)}</b>
      {trace.advantage !== undefined && (
        <>
          {' '}
          · <Term name="advantage">advantage</Term> {signed(trace.advantage)}
        </>
      )}{' '}
      · {rewardSentence(trace)}
    </p>
  );
}

interface PartingProps {
  readonly left: Side;
  readonly right: Side;
  readonly common: number;
  readonly unit: string;
  readonly element: React.RefObject<HTMLDivElement | null>;
}

/** The token where they part, with the chance that each had. */
function Parting({ left, right, common, unit, element }: PartingProps) {
  return (
    <div className={styles.parting} ref={element}>
      <p>
        They part at {unit} {common + 1}; the <Term name="chance">chance</Term> of each:
      </p>
      <ul>
        {[left, right].map(({ label, trace }, i) => {
          const text = trace.tokens.texts[common];
          const p = tokenProbability(trace, common);
          return (
            <li key={i}>
              <span className="visuallyHidden">{label}: </span>
              <code>{text === undefined ? 'ends here' : text.trim() === '' ? '␣' : text.trim()}</code>
              {text !== undefined && (
                <span className={styles.chance}>
                  {p === undefined ? 'chance not known' : probability(p)}
                  {p !== undefined && <i style={{ width: `${p * 100}%` }} />}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      <Button look="quiet" onClick={() => showToken(element.current, common)}>
        Show in the text
      </Button>
    </div>
  );
}

/** Brings the token where they part into view on both sides. */
function showToken(parting: HTMLElement | null, index: number): void {
  const tokens = parting?.parentElement?.querySelectorAll<HTMLElement>(`[data-token="${index}"]`) ?? [];
  for (const token of tokens) token.scrollIntoView({ block: 'center', behavior: 'auto' });
  tokens[0]?.focus({ preventScroll: true });
}
