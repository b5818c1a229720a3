import { useMemo, useState, type DragEvent } from 'react';
import { openEntry, rolloutList } from '../store/rolloutList.ts';
import { useApp } from '../store/store.ts';
import { awaitsLive } from '../store/runView.ts';
import { Awaited } from '../components/Awaited.tsx';
import { openTraceFiles } from './openTraceFiles.ts';
import { Filters } from './Filters.tsx';
import { List } from './List.tsx';
import { Reading } from './Reading.tsx';
import { Sources } from './Sources.tsx';
import styles from './RolloutsView.module.css';

/** Any rollout of the run or of a file: the list, and beside it the one that is being read. */
export default function RolloutsView() {
  const list = useApp(rolloutList);
  const entry = useApp(openEntry);
  const wanted = useApp((state) => (state.listed === 'run' ? state.open !== undefined : false));
  const awaited = useApp(awaitsLive);
  const comparing = useApp((state) => state.beside !== undefined);
  const [dropping, setDropping] = useState(false);
  const scale = useMemo(
    () => Math.max(1, ...list.all.map(({ trace }) => trace.tokens.ids.length)),
    [list.all],
  );
  const drag = (event: DragEvent): void => {
    if (![...event.dataTransfer.types].includes('Files')) return;
    event.preventDefault();
    setDropping(event.type === 'dragover');
    if (event.type === 'drop') void openTraceFiles([...event.dataTransfer.files]);
  };
  return (
    <div
      className={`${styles.view} ${entry === undefined ? '' : comparing ? styles.comparing : styles.reading} ${dropping ? styles.dropping : ''}`}
      onDragOver={drag}
      onDragLeave={drag}
      onDrop={drag}
    >
      <h1 className="visuallyHidden">Rollouts</h1>
      <section className={styles.list} aria-label="Rollouts">
        <Sources list={list} narrow={entry !== undefined} />
        <Filters list={list} narrow={entry !== undefined} />
        {wanted && entry === undefined && (awaited || list.all.length > 0) && (
          <div className={styles.missing}>
            {awaited ? <Awaited /> : 'The rollout of the link is not among those that are kept here.'}
          </div>
        )}
        <List list={list} scale={scale} narrow={entry !== undefined} />
      </section>
      {entry !== undefined && <Reading key={entry.key} entry={entry} scale={scale} />}
      {dropping && <p className={styles.drop}>Drop files of rollouts to read them. They stay in this tab.</p>}
    </div>
  );
}
