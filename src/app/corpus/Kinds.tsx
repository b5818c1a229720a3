import { grouped } from '../components/format.ts';
import styles from './Kinds.module.css';

interface KindsProps {
  readonly kinds: readonly (string | undefined)[];
  readonly chosen: string | undefined;
  readonly onChoose: (kind: string | undefined) => void;
  /** A question’s path is on the map. */
  readonly path: boolean;
}

/** What the marks mean, and the kinds of passages: one of them can be brought out. */
export function Kinds({ kinds, chosen, onChoose, path }: KindsProps) {
  const counts = new Map<string, number>();
  for (const kind of kinds) if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return (
    <div className={styles.legend}>
      <ul className={styles.marks} aria-label="Marks">
        <li>
          <i className={styles.search} /> a search
        </li>
        <li>
          <i className={styles.read} /> what it brought
        </li>
        {path && (
          <li>
            <i className={styles.gold} /> on the gold chain
          </li>
        )}
      </ul>
      {counts.size > 1 && (
        <div role="group" aria-label="Kinds" className={styles.kinds}>
          {[...counts]
            .sort((a, b) => b[1] - a[1])
            .map(([kind, count]) => (
              <button
                key={kind}
                type="button"
                aria-pressed={kind === chosen}
                onClick={() => onChoose(kind === chosen ? undefined : kind)}
              >
                {kind} <small>{grouped(count)}</small>
              </button>
            ))}
        </div>
      )}
    </div>
  );
}
