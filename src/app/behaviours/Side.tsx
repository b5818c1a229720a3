import { rewardSentence } from '../components/rewardWords.ts';
import { Turns } from '../components/rollout/Turns.tsx';
import type { Trace } from '../../traces/trace.ts';
import { useApp } from '../store/store.ts';
import { BehaviourNames } from '../components/rollout/BehaviourNames.tsx';
import styles from './Side.module.css';

interface SideProps {
  readonly title: string;
  readonly about: string;
  /** Absent while it is waited for. */
  readonly trace: Trace | undefined;
  readonly streaming?: boolean;
  /** Why none will come. */
  readonly problem?: string | undefined;
}

/** One of two answers to the same question, its behaviours first. */
export function Side({ title, about, trace, streaming = false, problem }: SideProps) {
  const goldMarked = useApp((state) => state.goldMarked);
  return (
    <section className={styles.side} aria-label={title}>
      <h3>
        {title} <em>{about}</em>
      </h3>
      {trace === undefined ? (
        <p className={styles.why} role="status">
          {problem ?? 'Getting ready…'}
        </p>
      ) : (
        <>
          {!streaming && <BehaviourNames trace={trace} />}
          <Turns
            key={trace.id}
            trace={trace}
            label={`${title}: what it did`}
            streaming={streaming}
            colour="none"
            goldMarked={goldMarked}
          />
          {!streaming && <p className={styles.why}>{rewardSentence(trace)}</p>}
        </>
      )}
    </section>
  );
}
