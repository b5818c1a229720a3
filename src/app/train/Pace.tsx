import { Segmented } from '../components/Segmented.tsx';
import type { PaceName } from '../store/paces.ts';
import { useApp } from '../store/store.ts';
import { setPace } from '../worker/session.ts';
import styles from './Pace.module.css';

const options: readonly { readonly value: PaceName; readonly label: string }[] = [
  { value: 'full', label: 'full' },
  { value: 'brisk', label: 'brisk' },
  { value: 'reading', label: 'reading' },
  { value: 'slow', label: 'slow' },
];

/** The dial of slow motion: how fast the run writes. What it learns is the same at any of them. */
export function Pace() {
  const pace = useApp((state) => state.pace);
  return (
    <div className={styles.pace} data-dial="">
      <span>Speed</span>
      <Segmented label="Speed of the run" value={pace} options={options} onChange={setPace} />
    </div>
  );
}
