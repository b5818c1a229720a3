import { partWord, type PartKind } from './stripParts.ts';
import styles from './StripLegend.module.css';
import strip from './Strip.module.css';

const shown: readonly PartKind[] = ['think', 'search', 'result', 'answer', 'partly', 'wrong', 'broken'];

/** What the colours of a strip mean, in the one set of words. */
export function StripLegend() {
  return (
    <ul className={styles.legend} aria-label="What the colours of a strip mean">
      {shown.map((kind) => (
        <li key={kind}>
          <span className={strip.strip} aria-hidden="true">
            <i className={strip[kind]} />
          </span>
          {kind === 'result' ? 'reads (inserted, not trained)' : partWord(kind)}
        </li>
      ))}
    </ul>
  );
}
