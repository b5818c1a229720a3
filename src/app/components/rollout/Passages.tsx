import type { TraceSearch } from '../../../traces/trace.ts';
import { fixed } from '../format.ts';
import { passageBody } from '../passageBody.ts';
import { markWords } from './marks.ts';
import styles from './Passages.module.css';

interface PassagesProps {
  readonly search: TraceSearch;
  /** Words to mark in the passages: the rollout's answer. */
  readonly mark: string | undefined;
  readonly goldMarked: boolean;
  /** Says what was searched for: where no turn of the policy's own does. */
  readonly withQuery?: boolean;
}

/** What one search brought back, best first, with its similarity. */
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

function Found({ search, mark, goldMarked }: Omit<PassagesProps, 'withQuery'>) {
  if (search.passages.length === 0) {
    return <p className={styles.none}>{search.problem === undefined ? 'nothing found' : search.problem}</p>;
  }
  return (
    <ul className={styles.passages}>
      {search.passages.map((passage, i) => (
        <li key={i}>
          <p>
            {passage.title !== '' && <b>{passage.title}</b>}
            {markWords(passageBody(passage), mark).map((piece, k) =>
              piece.marked ? <mark key={k}>{piece.text}</mark> : <span key={k}>{piece.text}</span>,
            )}
            {goldMarked && passage.gold === true && <em className={styles.gold}>on the gold chain</em>}
          </p>
          <span className={styles.score} title="similarity to the search">
            {passage.score === undefined ? '–' : fixed(passage.score)}
          </span>
        </li>
      ))}
    </ul>
  );
}
