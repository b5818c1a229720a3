import styles from './Interval.module.css';

interface IntervalProps {
  /** Fractions 0 … 1. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A value and its 95 % interval as a mark on a line from 0 to 100 %. Drawn only; the numbers stand beside it. */
export function Interval({ value, low, high }: IntervalProps) {
  return (
    <span className={styles.line} aria-hidden="true">
      <i className={styles.range} style={{ left: `${low * 100}%`, width: `${(high - low) * 100}%` }} />
      <i className={styles.at} style={{ left: `${value * 100}%` }} />
    </span>
  );
}
