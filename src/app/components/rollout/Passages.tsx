import type { Trace, TraceSearch } from '../../../traces/trace.ts';
import { fixed } from '../format.ts';
import { Term } from '../Term.tsx';
import { passageBody } from '../passageBody.ts';
import { takenBy, takenFrom } from './marks.ts';
import styles from './Passages.module.css';

interface PassagesProps {
  readonly trace: Trace;
  readonly search: TraceSearch;
  readonly goldMarked: boolean;
  /** Says what was searched for: where no turn of the policy's own does. */
  readonly withQuery?: boolean;
}

const words = { answer: 'told as the answer', carried: 'taken into a later search' } as const;

/** What one search brought back, best first, with its similarity; what the rollout took from it is marked. */
export function Passages({ withQuery = false, ...found }: PassagesProps) {
  return (
    <>
      {withQuery && <p className={styles.query}>searched by the method: {found.search.query}</p>}
      {withQuery && found.search.passages.length === 0 ? (
        <p className={styles.none}>nothing new</p>
      ) : (
        <Found {...found} />
      )}
    </>
  );
}

function Found({ trace, search, goldMarked }: Omit<PassagesProps, 'withQuery'>) {
  if (search.passages.length === 0) {
    return <p className={styles.none}>{search.problem === undefined ? 'nothing found' : search.problem}</p>;
  }
  const taken = takenBy(trace, search);
  return (
    <ul className={styles.passages}>
      {search.passages.map((passage, i) => (
        <li key={i}>
          <p>
            {passage.title !== '' && <b>{passage.title}</b>}
            {takenFrom(passageBody(passage), taken).map((piece, k) =>
              piece.as === 'plain' ? (
                <span key={k}>{piece.text}</span>
              ) : (
                <mark key={k} className={styles[piece.as]} title={words[piece.as]}>
                  {piece.text}
                </mark>
              ),
            )}
            {goldMarked && passage.gold === true && <em className={styles.gold}>on the gold chain</em>}
          </p>
          {passage.score !== undefined && (
            <span className={styles.score}>
              <Term name="similarity">
                <span className="visuallyHidden">similarity </span>
                {fixed(passage.score)}
              </Term>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
