import { Figure } from '../components/figure/Figure.tsx';
import { counted, percent } from '../components/format.ts';
import { RecordedTag } from '../components/RecordedTag.tsx';
import { bySearches, type BySearches } from './lessons.ts';
import { Predict } from './Predict.tsx';
import { useRecordedRun } from './recordedRun.ts';
import styles from './chapters.module.css';

/** Right answers by how often a rollout searched, in the first batch of the recorded run. */
export function GuessingChapter() {
  const run = useRecordedRun();
  const first = run?.groups[0];
  if (run === undefined || first === undefined)
    return <p className={styles.wait}>Reading the recorded run…</p>;
  const rows = bySearches(first.groups);
  const guessed = rows.find(({ searches }) => searches === 0);
  const none = guessed === undefined || guessed.right === 0;
  return (
    <Predict
      question="The names in these questions were made up yesterday. How often does an answer without a search come out right?"
      options={['About as often as one with searches', 'Now and then', 'Never, in this batch']}
      right={none ? 2 : 1}
      outcome={
        guessed === undefined
          ? 'In this batch every rollout searched.'
          : `Of ${counted(guessed.rollouts, 'rollout that guessed', 'rollouts that guessed')}, ${guessed.right} answered right. A guess in the right format still earns 0.1, which is why the policy lives with it: nothing it has tried often enough pays more.`
      }
    >
      <Figure
        name="right-by-searches"
        caption={
          <p className={styles.caption}>
            Update {first.step},{' '}
            {counted(
              rows.reduce((sum, row) => sum + row.rollouts, 0),
              'rollout',
              'rollouts',
            )}{' '}
            kept of it <RecordedTag command={run.command} seed={run.recipe.seed} />
          </p>
        }
        table={() => ({
          columns: ['searches', 'rollouts', 'right'],
          rows: rows.map(({ searches, rollouts, right }) => [searches, rollouts, right]),
        })}
      >
        <Bars rows={rows} />
      </Figure>
    </Predict>
  );
}

function Bars({ rows }: { readonly rows: readonly BySearches[] }) {
  return (
    <table className={styles.bars}>
      <thead>
        <tr>
          <th scope="col">Searches</th>
          <th scope="col">Right answers</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {rows.map(({ searches, rollouts, right }) => (
          <tr key={searches}>
            <th scope="row">{searches === 0 ? 'none' : searches}</th>
            <td>
              <span className={styles.cells} aria-hidden="true">
                {Array.from({ length: rollouts }, (_, i) => (
                  <i key={i} data-right={i < right} />
                ))}
              </span>
            </td>
            <td>
              {right} of {rollouts}, {percent(right / rollouts)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
