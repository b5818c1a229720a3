import { memo } from 'react';
import { AdvantageBar } from '../components/AdvantageBar.tsx';
import { counted, fixed, signed } from '../components/format.ts';
import { Strip } from '../components/Strip.tsx';
import { stripWords } from '../components/stripParts.ts';
import type { GroupResult } from '../../lab/protocol.ts';
import { useApp } from '../store/store.ts';
import styles from './Group.module.css';

interface GroupProps {
  readonly result: GroupResult;
  /** Update the group is of; opening a rollout holds it on the screen while a live run goes on. */
  readonly step: number;
  readonly scale: number;
  /** Whether Tab reaches the batch here when no rollout of it is open. */
  readonly first: boolean;
}

/** One question with its G rollouts, what they earned, and which way each is pushed. */
export const Group = memo(function Group({ result, step, scale, first }: GroupProps) {
  const open = useApp((state) => (state.open?.group === result.group ? state.open.rollout : undefined));
  const anyOpen = useApp((state) => state.open !== undefined);
  const setView = useApp((state) => state.setView);
  const { question, traces, meanReward, stdReward } = result;
  // Where the baseline is the batch's, a group of equal rewards is pushed all the same.
  const flat =
    traces.every((trace) => trace.reward?.value === traces[0]?.reward?.value) &&
    traces.every(({ advantage }) => (advantage ?? 0) === 0);
  return (
    <section className={styles.group} aria-label={question.text}>
      {/* Another question is another paragraph: it comes to stand in the middle anew, and has not moved. */}
      <p key={question.text} className={styles.question}>
        {question.text}
      </p>
      <p key={`about ${question.text}`} className={styles.about}>
        {question.chain !== undefined && `${counted(question.chain.length, 'hop', 'hops')} · `}
        {question.golds[0] === undefined ? 'no accepted answer known' : `right: ${question.golds[0]}`}
        {flat && <span className={styles.flat}>all earned the same: teaches nothing</span>}
      </p>
      <div className={styles.strips}>
        {traces.map((trace, i) => (
          <button
            key={trace.id}
            type="button"
            data-strip={`${result.group}.${i}`}
            className={open === i ? `${styles.row} ${styles.open}` : styles.row}
            aria-pressed={open === i}
            aria-label={`Rollout ${i + 1}: ${stripWords(trace)}; reward ${fixed(trace.reward?.value ?? 0)}, advantage ${signed(trace.advantage ?? 0)}`}
            tabIndex={open === i || (first && i === 0 && !anyOpen) ? 0 : -1}
            onClick={() =>
              setView({ open: open === i ? undefined : { group: result.group, rollout: i }, step })
            }
          >
            <Strip trace={trace} scale={scale} />
            <span className={styles.reward}>
              {trace.reward === undefined ? '–' : fixed(trace.reward.value)}
            </span>
            <AdvantageBar value={trace.advantage} />
          </button>
        ))}
      </div>
      <p className={styles.stat}>
        <span className="visuallyHidden">
          mean {fixed(meanReward)}, spread {fixed(stdReward)}
        </span>
        <span aria-hidden="true">
          <b>{fixed(meanReward)}</b> ± {fixed(stdReward)}
        </span>
      </p>
    </section>
  );
});
