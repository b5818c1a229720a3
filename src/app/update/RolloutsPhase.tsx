import { useEffect, useRef } from 'react';
import { counted, fixed } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import type { Trace } from '../../traces/trace.ts';
import type { UpdateRecord } from '../store/updateRecord.ts';
import { flyQuery } from './flyQuery.ts';
import { HeatText } from './HeatText.tsx';
import styles from './Phase.module.css';

interface RolloutsPhaseProps {
  readonly record: UpdateRecord;
  readonly traces: readonly Trace[];
  readonly writing: boolean;
}

/** The rollouts of one question as they are written, and what the index answered to their searches. */
export function RolloutsPhase({ record, traces, writing }: RolloutsPhaseProps) {
  const root = useRef<HTMLDivElement>(null);
  const searches = traces.flatMap((trace, rollout) =>
    trace.searches.map((search, number) => ({ search, rollout: trace.rollout ?? rollout, number })),
  );
  const seen = useRef(searches.length);
  useEffect(() => {
    if (root.current === null || !writing) {
      seen.current = searches.length;
      return;
    }
    // One flight at a time is enough to see what happens; the list holds all.
    if (searches.length > seen.current) flyQuery(root.current, searches.at(-1)?.rollout);
    seen.current = searches.length;
  }, [searches, writing]);
  const { groupSize } = record.recipe.grpo;
  return (
    <div ref={root} className={styles.split}>
      <div>
        <h2>
          {counted(traces.length, 'rollout', 'rollouts')}, the same question and other dice{' '}
          <em>
            dotted: read from the index, not written
            {writing && ` · ${traces.filter(ended).length} of ${groupSize} have answered`}
          </em>
        </h2>
        <ol className={styles.rows}>
          {traces.map((trace, i) => (
            <li key={trace.id} data-rollout={trace.rollout ?? i}>
              <b className={styles.number}>{(trace.rollout ?? i) + 1}</b>
              <HeatText trace={trace} label={`Rollout ${i + 1}`} streaming={writing && !ended(trace)} />
            </li>
          ))}
        </ol>
      </div>
      <aside className={styles.aside} aria-label="The index">
        <div className={styles.panel} data-index="">
          <h2>
            The index{' '}
            <em>{counted(searches.length, 'search', 'searches')}, each brings back the nearest passage</em>
          </h2>
          <ol className={styles.searches} tabIndex={0} aria-label="Searches of these rollouts">
            {searches.map(({ search, rollout, number }) => (
              <li key={`${rollout}.${number}`}>
                <p className={styles.query}>
                  <b>{rollout + 1}</b> {search.query === '' ? '(nothing)' : search.query}
                </p>
                {search.passages.map((passage) => (
                  <p key={passage.id} className={styles.passage}>
                    {passage.text.startsWith(passage.title)
                      ? passage.text
                      : `${passage.title}. ${passage.text}`}{' '}
                    {passage.score !== undefined && (
                      <small>
                        <Term name="similarity">similarity</Term> {fixed(passage.score)}
                      </small>
                    )}
                  </p>
                ))}
                {search.passages.length === 0 && <p className={styles.passage}>nothing found</p>}
              </li>
            ))}
          </ol>
          {searches.length === 0 && <p className={styles.note}>No rollout of this group has searched.</p>}
        </div>
      </aside>
    </div>
  );
}

const ended = (trace: Trace): boolean => trace.stop !== 'aborted';
