import { fixed, percent, percentRange } from '../components/format.ts';
import type { RowNumbers } from '../../research/methodRows.ts';
import { Interval } from './Interval.tsx';
import styles from './ScoreCell.module.css';

interface ScoreCellProps {
  readonly numbers: RowNumbers;
  /** Opens its rollouts; absent where there are none. */
  readonly onOpen?: () => void;
  /** They are open in this view. Absent: they open elsewhere. */
  readonly open?: boolean;
  /** What a press opens, for those who do not see the table. */
  readonly opens?: string;
}

/** Right answers with their interval, F1 and searches: the one form of a figure of Evaluate. */
export function ScoreCell({ numbers, onOpen, open, opens = 'rollouts' }: ScoreCellProps) {
  const { em, ci95, f1, searches } = numbers;
  const words = (
    <>
      <span className={styles.em}>
        {percent(em)} <small>{percentRange(...ci95)}</small>
      </span>
      <Interval value={em} low={ci95[0]} high={ci95[1]} />
      <small className={styles.rest}>
        F1 {fixed(f1)} · {fixed(searches, 1)} searches
      </small>
    </>
  );
  if (onOpen === undefined) return <span className={styles.cell}>{words}</span>;
  return (
    <button
      type="button"
      className={open === true ? `${styles.cell} ${styles.open}` : styles.cell}
      aria-expanded={open}
      onClick={onOpen}
    >
      {words}
      <span className="visuallyHidden">, {opens}</span>
    </button>
  );
}

/** A cell without a figure, of the height of one with it. */
export function NoScore({ children }: { readonly children?: string | undefined }) {
  return <span className={styles.none}>{children}</span>;
}
