import { rewardSentence } from '../components/rewardWords.ts';
import { Turns } from '../components/rollout/Turns.tsx';
import { Strip } from '../components/Strip.tsx';
import { stripWords } from '../components/stripParts.ts';
import type { Trace } from '../../traces/trace.ts';
import { useApp } from '../store/store.ts';
import styles from './RolloutText.module.css';

/** One rollout of a cell, in full. */
export function RolloutText({ trace }: { readonly trace: Trace }) {
  const { question, method, restarts = [] } = trace;
  const goldMarked = useApp((state) => state.goldMarked);
  return (
    <div className={styles.rollout}>
      <h2>
        {question.text}
        <small>{question.golds[0] !== undefined && `right: ${question.golds[0]}`}</small>
      </h2>
      <Strip trace={trace} scale={trace.tokens.ids.length} tall />
      <span className="visuallyHidden">{stripWords(trace)}</span>
      <p>{method === undefined ? rewardSentence(trace) : scoreSentence(trace)}</p>
      {restarts.length > 0 && (
        <p className={styles.hint}>{restarts.length + 1} rounds, each begun anew from the question.</p>
      )}
      <label className={styles.hint}>
        <input
          type="checkbox"
          checked={goldMarked}
          onChange={({ target }) => useApp.getState().setPlay({ goldMarked: target.checked })}
        />{' '}
        gold pages
      </label>
      <Turns key={trace.id} trace={trace} label="What it did" colour="none" goldMarked={goldMarked} />
    </div>
  );
}

/** A baseline is scored by its answer alone. */
function scoreSentence({ reward, question }: Trace): string {
  if (reward?.answer === undefined) return 'No answer could be read: its box was not closed.';
  if (reward.em === 1) return 'Right.';
  const gold = question.golds[0] ?? '';
  return reward.f1 > 0
    ? `Partly right, F1 ${reward.f1.toFixed(2)}. Right would be “${gold}”.`
    : `Wrong. Right would be “${gold}”.`;
}
