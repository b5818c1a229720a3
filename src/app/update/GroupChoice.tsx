import { fixed } from '../components/format.ts';
import type { UpdateRecord } from '../store/updateRecord.ts';
import { useApp } from '../store/store.ts';
import styles from './GroupChoice.module.css';

/** The groups of the batch by number; how filled a button is shows how much its rewards differ. */
export function GroupChoice({ record, shown }: { readonly record: UpdateRecord; readonly shown: number }) {
  const setView = useApp((state) => state.setView);
  if (record.groups.length < 2) return null;
  const top = Math.max(...record.groups.map(({ stdReward }) => stdReward), 1e-9);
  return (
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
  );
}
