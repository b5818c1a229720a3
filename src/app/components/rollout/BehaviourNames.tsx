import { detectors } from '../../../traces/behaviours.ts';
import type { Trace } from '../../../traces/trace.ts';
import styles from './BehaviourNames.module.css';

/** What a rollout shows, by name; the definition on rest. */
export function BehaviourNames({ trace }: { readonly trace: Trace }) {
  const names = trace.behaviours ?? [];
  if (names.length === 0) return <span>none of the nine</span>;
  return (
    <ul className={styles.names}>
      {names.map((name) => (
        <li key={name} className={styles[detectors[name].kind]} title={detectors[name].definition}>
          {name}
        </li>
      ))}
    </ul>
  );
}
