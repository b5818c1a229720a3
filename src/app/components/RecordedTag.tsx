import styles from './RecordedTag.module.css';

/** Says that what stands here was recorded, and by what; the same words wherever it stands. */
export function RecordedTag({ command, seed }: { readonly command: string; readonly seed: number }) {
  return (
    <span className={styles.tag} title={`${command} · seed ${seed}`}>
      recorded
    </span>
  );
}
