import styles from './Phase.module.css';

/** Says what a record does not hold, and how to see it. */
export function Absent({ what }: { readonly what: string }) {
  return (
    <p className={styles.absent}>
      {what} is not in this record: it is read only from an update that is stepped here, phase by phase. “Make
      an update here” does that.
    </p>
  );
}
