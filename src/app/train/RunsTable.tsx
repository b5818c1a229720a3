import { useRef, useState, type KeyboardEvent } from 'react';
import { Button } from '../components/Button.tsx';
import { fixed, percent } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import type { StoredRun } from '../store/storedRun.ts';
import { isBusy, mainScores } from '../store/runView.ts';
import { recordedId } from '../store/overlays.ts';
import { useApp } from '../store/store.ts';
import { deleteRun, exportRun, importRun, renameRun, resumeRun } from '../worker/runKeeping.ts';
import styles from './RunsTable.module.css';

/** The runs kept in this browser: name them, lay them over the curves, go on with them, take them away. */
export function RunsTable() {
  const runs = useApp((state) => state.runs);
  const recorded = useApp((state) => state.recorded);
  const setRuns = useApp((state) => state.setRuns);
  const file = useRef<HTMLInputElement>(null);
  const overlay = (id: string): void =>
    setRuns({
      overlaid: runs.overlaid.includes(id)
        ? runs.overlaid.filter((other) => other !== id)
        : [...runs.overlaid, id],
    });
  return (
    <section className={styles.section} aria-labelledby="runs">
      <div className={styles.head}>
        <h2 id="runs">
          Runs <em>kept in this browser, with their weights; a kept run can go on where it was</em>
        </h2>
        <span>
          <Button look="quiet" onClick={() => file.current?.click()}>
            Import a run
          </Button>
          <input
            ref={file}
            type="file"
            accept=".json,application/json"
            aria-label="File of a run"
            hidden
            onChange={(event) => {
              const [chosen] = event.target.files ?? [];
              if (chosen !== undefined) void importRun(chosen);
              event.target.value = '';
            }}
          />
        </span>
      </div>
      {runs.problem !== undefined && (
        <p className={styles.problem} role="alert">
          {runs.problem}{' '}
          <Button look="quiet" onClick={() => setRuns({ problem: undefined })}>
            Dismiss
          </Button>
        </p>
      )}
      {runs.list.length === 0 && recorded.status !== 'ready' ? (
        <p className={styles.none}>None yet: a run is kept when it pauses, and every ten updates.</p>
      ) : (
        <div className={styles.scroller} tabIndex={0} role="region" aria-label="Kept runs">
          <table>
            <thead>
              <tr>
                <th scope="col">Compare</th>
                <th scope="col">Name</th>
                <th scope="col">Variant</th>
                <th scope="col">
                  <Term name="seed">Seed</Term>
                </th>
                <th scope="col">Updates</th>
                <th scope="col">
                  <Term name="reward">Reward, last</Term>
                </th>
                <th scope="col">
                  <Term name="exactMatch">Right, unseen</Term>
                </th>
                <th scope="col">Changed</th>
                <th scope="col">
                  <span className="visuallyHidden">What to do with it</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {recorded.status === 'ready' && (
                <tr>
                  <td>
                    <input
                      type="checkbox"
                      aria-label="Compare the recorded run"
                      checked={runs.overlaid.includes(recordedId)}
                      onChange={() => overlay(recordedId)}
                    />
                  </td>
                  <th scope="row">the recorded run</th>
                  <td>{recorded.run.recipe.grpo.variant}</td>
                  <td>{recorded.run.recipe.seed}</td>
                  <td>
                    {recorded.run.steps.length} of {recorded.run.recipe.grpo.steps}
                  </td>
                  <td>{fixed(recorded.run.steps.at(-1)?.reward ?? 0)}</td>
                  <td>{right(mainScores(recorded.run.after)?.em)}</td>
                  <td>comes with the page</td>
                  <td />
                </tr>
              )}
              {runs.list.map((run) => (
                <Row
                  key={run.id}
                  run={run}
                  current={runs.current === run.id}
                  overlaid={runs.overlaid.includes(run.id)}
                  onOverlay={() => overlay(run.id)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

interface RowProps {
  readonly run: StoredRun;
  /** It is the run of this tab now. */
  readonly current: boolean;
  readonly overlaid: boolean;
  readonly onOverlay: () => void;
}

function Row({ run, current, overlaid, onOverlay }: RowProps) {
  const working = useApp((state) => ['running', 'pausing', 'loading'].includes(state.lab.run));
  const held = useApp((state) => current && (isBusy(state) || state.lab.run === 'done'));
  const [editing, setEditing] = useState(false);
  const em = mainScores(run.evaluations.findLast(({ when }) => when !== 'before')?.scores ?? {})?.em;
  const rename = (name: string): void => {
    setEditing(false);
    if (name !== run.name) void renameRun(run, name);
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter') rename(event.currentTarget.value);
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    setEditing(false);
  };
  return (
    <tr>
      <td>
        <input type="checkbox" aria-label={`Compare ${run.name}`} checked={overlaid} onChange={onOverlay} />
      </td>
      <th scope="row">
        {editing ? (
          <input
            aria-label={`New name of ${run.name}`}
            defaultValue={run.name}
            maxLength={200}
            autoFocus
            onBlur={(event) => rename(event.target.value)}
            onKeyDown={keys}
          />
        ) : (
          <>
            {run.name}
            {held && <small> in this tab</small>}
          </>
        )}
      </th>
      <td>{run.recipe.grpo.variant}</td>
      <td>{run.recipe.seed}</td>
      <td>
        {run.steps.at(-1)?.step ?? 0} of {run.recipe.grpo.steps}
      </td>
      <td>{fixed(run.steps.at(-1)?.reward ?? 0)}</td>
      <td>{right(em)}</td>
      <td>{when(run.changed)}</td>
      <td className={styles.acts}>
        <Button
          look="quiet"
          disabled={working || held}
          title={working ? 'Pause the run of this tab first.' : undefined}
          onClick={() => void resumeRun(run)}
          aria-label={`Resume ${run.name}`}
        >
          Resume
        </Button>
        <Button look="quiet" onClick={() => setEditing(true)} aria-label={`Rename ${run.name}`}>
          Rename
        </Button>
        <Button look="quiet" onClick={() => void exportRun(run)} aria-label={`Export ${run.name}`}>
          Export
        </Button>
        <Button look="quiet" onClick={() => void deleteRun(run)} aria-label={`Delete ${run.name}`}>
          Delete
        </Button>
      </td>
    </tr>
  );
}

const right = (em: number | undefined): string => (em === undefined ? '–' : percent(em));

const when = (milliseconds: number): string =>
  new Intl.DateTimeFormat('en', {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(milliseconds);
