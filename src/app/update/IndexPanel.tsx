import { counted, fixed } from '../components/format.ts';
import { passageBody } from '../components/passageBody.ts';
import { Term } from '../components/Term.tsx';
import { searchKey, type PlacedSearch } from './searchKey.ts';
import styles from './Phase.module.css';

/** What the rollouts asked the index, and what it answered. */
export function IndexPanel({ searches }: { readonly searches: readonly PlacedSearch[] }) {
  return (
    <div className={styles.panel} data-index="">
      <h2>
        The index{' '}
        <em>{counted(searches.length, 'search', 'searches')}, each brings back the nearest passage</em>
      </h2>
      <ol className={styles.searches} tabIndex={0} aria-label="Searches of these rollouts">
        {searches.map((placed) => {
          const { search, rollout } = placed;
          return (
            <li key={searchKey(placed)} data-search={searchKey(placed)}>
              <p className={styles.query}>
                <b>{rollout + 1}</b> {search.query === '' ? '(nothing)' : search.query}
              </p>
              {search.passages.map((passage) => (
                <p key={passage.id} className={styles.passage}>
                  <b>{passage.title}</b>
                  {passageBody(passage)}{' '}
                  {passage.score !== undefined && (
                    <small>
                      <Term name="similarity">similarity</Term> {fixed(passage.score)}
                    </small>
                  )}
                </p>
              ))}
              {search.passages.length === 0 && <p className={styles.passage}>nothing found</p>}
            </li>
          );
        })}
      </ol>
      {searches.length === 0 && <p className={styles.note}>No rollout of this group has searched.</p>}
    </div>
  );
}
