import styles from './AdvantageBar.module.css';

/** Advantages beyond this fill their half; group-normalised ones rarely pass it. */
const full = 2.5;

/** The signed bar around a quiet zero: orange to the right, likelier; blue to the left, less likely. */
export function AdvantageBar({ value }: { readonly value: number | undefined }) {
  const width = value === undefined ? 0 : Math.min(Math.abs(value) / full, 1) * 50;
  const side = value !== undefined && value < 0 ? styles.less : styles.more;
  return (
    <span className={styles.bar} aria-hidden="true">
      {width > 0 && <i className={side} style={{ width: `${Math.max(width, 1.5)}%` }} />}
    </span>
  );
}
