import { useRef } from 'react';
import { actions } from '../actions/registry.ts';
import { ActionButton } from '../actions/ActionButton.tsx';
import { Button } from '../components/Button.tsx';
import { compact, counted } from '../components/format.ts';
import { Segmented } from '../components/Segmented.tsx';
import type { RolloutList } from '../store/rolloutList.ts';
import { awaitsLive, hasLiveRun, shownSource } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { closeFile, openTraceFiles } from './openTraceFiles.ts';
import styles from './Sources.module.css';

interface SourcesProps {
  readonly list: RolloutList;
  /** Beside a rollout that is being read. */
  readonly narrow: boolean;
}

/** Whose rollouts are listed, how many of them, and ways to bring and to take some. */
export function Sources({ list, narrow }: SourcesProps) {
  const files = useApp((state) => state.files);
  const listed = useApp((state) => state.listed);
  const source = useApp(shownSource);
  const live = useApp((state) => hasLiveRun(state) || awaitsLive(state));
  const recorded = useApp((state) => (state.recorded.status === 'ready' ? state.recorded.run : undefined));
  const { setRollouts, setView } = useApp.getState();
  const input = useRef<HTMLInputElement>(null);
  const options = [
    ...(live || recorded === undefined ? [{ value: 'live', label: 'This tab’s run' }] : []),
    ...(recorded === undefined ? [] : [{ value: 'recorded', label: 'Recorded run' }]),
    ...files.map(({ id, name }) => ({ value: String(id), label: name })),
  ];
  const choose = (value: string): void => {
    const file = files.find(({ id }) => String(id) === value);
    setRollouts({
      listed: file?.id ?? 'run',
      cursor: undefined,
      token: undefined,
      beside: undefined,
      openInFile: undefined,
    });
    if (value === 'live' || value === 'recorded') setView({ source: value, open: undefined });
  };
  const file = files.find(({ id }) => id === listed);
  const { all, shown } = list;
  return (
    <div className={styles.sources}>
      <div className={narrow ? `${styles.bar} ${styles.narrow}` : styles.bar}>
        <Segmented
          label="Whose rollouts"
          value={file === undefined ? source : String(file.id)}
          options={options}
          onChange={choose}
        />
        <span className={styles.count} role="status">
          {shown.length === all.length
            ? counted(all.length, 'rollout', 'rollouts')
            : `${shown.length} of ${counted(all.length, 'rollout', 'rollouts')}`}
        </span>
        <span className={styles.acts}>
          {file !== undefined && (
            <Button look="quiet" onClick={() => closeFile(file.id)}>
              Close file
            </Button>
          )}
          <Button look="quiet" onClick={() => input.current?.click()}>
            Open file…
          </Button>
          <ActionButton action={actions.rolloutExport} look="quiet" text="Export" />
        </span>
        <input
          ref={input}
          type="file"
          multiple
          className="visuallyHidden"
          aria-label="Files of rollouts"
          tabIndex={-1}
          accept=".jsonl,.json,.txt,.ndjson,.log"
          onChange={(event) => {
            void openTraceFiles([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
      </div>
      {file !== undefined && (
        <div className={styles.file}>
          <p>
            Read as {file.format}.
            {file.advantagesWorkedOut &&
              ' Advantages are not of the file: they were worked out here, (r − mean) / spread of each group.'}
          </p>
          {file.problems.length > 0 && (
            <details>
              <summary>{counted(file.problems.length, 'row was', 'rows were')} left out</summary>
              <ul>
                {file.problems.slice(0, 50).map(({ where, message }, i) => (
                  <li key={i}>
                    {where}: {message}
                  </li>
                ))}
                {file.problems.length > 50 && <li>and {compact(file.problems.length - 50)} more</li>}
              </ul>
            </details>
          )}
        </div>
      )}
      <ImportNotice />
    </div>
  );
}

/** What became of a file that could not be read. */
function ImportNotice() {
  const problem = useApp((state) => state.importProblem);
  const { setRollouts } = useApp.getState();
  if (problem === undefined) return null;
  return (
    <div className={styles.problem} role="alert">
      <p>{problem}</p>
      <Button look="quiet" onClick={() => setRollouts({ importProblem: undefined })}>
        Dismiss
      </Button>
    </div>
  );
}
