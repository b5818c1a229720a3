import { fixed } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import type { UpdateRecord } from '../store/updateRecord.ts';
import { useApp } from '../store/store.ts';
import styles from './GroupChoice.module.css';

/** The groups of the batch by number; how filled a button is shows how much its rewards differ. */
export function GroupChoice({ record, shown }: { readonly record: UpdateRecord; readonly shown: number }) {
  const setView = useApp((state) => state.setView);
  if (record.groups.length < 2) return null;
  const top = Math.max(...record.groups.map(({ stdReward }) => stdReward), 1e-9);
  const flat = record.groups.find(({ group }) => group === shown)?.stdReward === 0;
  const other = record.groups.find(({ stdReward }) => stdReward > 0);
  return (
    <div className={styles.choice}>
      <div className={styles.groups} role="group" aria-label="Group">
        {record.groups.map(({ group, stdReward, question }) => (
          <button
            key={group}
            type="button"
            aria-pressed={group === shown}
            aria-label={`Group ${group + 1}, spread ${fixed(stdReward)}`}
            title={`${question.text} · spread ${fixed(stdReward)}${stdReward === 0 ? ': teaches nothing' : ''}`}
            onClick={() => setView({ open: { group, rollout: 0 } })}
          >
            {group + 1}
            <i aria-hidden="true" style={{ width: `${(stdReward / top) * 100}%` }} />
          </button>
        ))}
      </div>
      <p>
        {!flat ? (
          <>
            groups of the batch; the bar is their <Term name="spread">spread</Term>
          </>
        ) : other === undefined ? (
          'No group of this batch has spread: it teaches nothing.'
        ) : (
          'This group has no spread: it teaches nothing.'
        )}{' '}
        {flat && other !== undefined && (
          <button
            type="button"
            className={styles.other}
            onClick={() => setView({ open: { group: other.group, rollout: 0 } })}
          >
            Look at group {other.group + 1}
          </button>
        )}
      </p>
    </div>
  );
}
