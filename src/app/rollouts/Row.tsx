import { memo } from 'react';
import { AdvantageBar } from '../components/AdvantageBar.tsx';
import { counted, fixed, signed } from '../components/format.ts';
import { Strip } from '../components/Strip.tsx';
import { stripWords } from '../components/stripParts.ts';
import { behavioursIn } from '../store/rolloutFilter.ts';
import { openRollout, type RolloutEntry } from '../store/rolloutList.ts';
import { useApp } from '../store/store.ts';
import styles from './Row.module.css';

interface RowProps {
  readonly entry: RolloutEntry;
  readonly scale: number;
  /** Without its group's line above it: it says its question itself. */
  readonly alone: boolean;
  readonly open: boolean;
  readonly marked: boolean;
  /** Whether Tab reaches it. */
  readonly reached: boolean;
}

/** One rollout of the list: its strip, what it earned, which way it is pushed, how often it searched. */
export const Row = memo(function Row({ entry, scale, alone, open, marked, reached }: RowProps) {
  const { trace, group, place, key } = entry;
  const reward = trace.reward === undefined ? '–' : fixed(trace.reward.value);
  const advantage = trace.advantage === undefined ? '–' : signed(trace.advantage);
  const corrects = behavioursIn(trace).includes('self-correction');
  const where = group.update === undefined ? '' : `update ${group.update}, `;
  return (
    <button
      type="button"
      data-row={key}
      className={`${styles.row} ${alone ? styles.alone : ''} ${open ? styles.open : ''} ${marked ? styles.marked : ''}`}
      aria-current={open ? 'true' : undefined}
      tabIndex={reached ? 0 : -1}
      aria-label={`Rollout ${place + 1} of ${where}group ${group.index + 1}: ${stripWords(trace)}; reward ${reward}, advantage ${advantage}, ${counted(trace.searches.length, 'search', 'searches')}${corrects ? ', corrects itself' : ''}`}
      onClick={() => openRollout(useApp.getState(), entry)}
    >
      {alone && (
        <span className={styles.question}>
          {group.question.text}
          <small>{group.update !== undefined && ` · update ${group.update}`}</small>
        </span>
      )}
      <span className={styles.strip}>
        <Strip trace={trace} scale={scale} />
      </span>
      <span className={styles.corrects} title={corrects ? 'self-correction' : undefined}>
        {corrects ? '↻' : ''}
      </span>
      <span className={styles.number}>{reward}</span>
      <span className={styles.bar}>
        <AdvantageBar value={trace.advantage} />
      </span>
      <span className={`${styles.number} ${styles.advantage}`}>{advantage}</span>
      <span className={`${styles.number} ${styles.searches}`}>{trace.searches.length}</span>
    </button>
  );
});
