import { useId } from 'react';
import { ActionButton } from '../actions/ActionButton.tsx';
import { actions } from '../actions/registry.ts';
import { duration } from '../components/format.ts';
import { RecordedTag } from '../components/RecordedTag.tsx';
import { Segmented } from '../components/Segmented.tsx';
import type { EvaluationState } from '../store/evaluationState.ts';
import { useApp } from '../store/store.ts';
import { tableSizes } from '../store/tableChoice.ts';
import { setTable } from '../worker/evaluating.ts';
import { setLabel } from '../components/setLabel.ts';
import { methodLabels } from './names.ts';
import type { ReadTable } from './recordedTable.ts';
import styles from './TableBar.module.css';

const sizes = tableSizes.map((size) => ({ value: String(size), label: String(size) }));
const worlds = [
  { value: 'generated', label: 'a generated world' },
  { value: 'countries', label: 'real countries' },
] as const;

interface TableBarProps {
  readonly recorded: ReadTable | undefined;
}

/** Run and stop, what is asked, and how far it is; before that, what stands below. */
export function TableBar({ recorded }: TableBarProps) {
  const table = useApp((state) => state.table);
  const running = useApp((state) => state.lab.evaluation?.status === 'running');
  const seedId = useId();
  return (
    <div className={styles.bar}>
      <ActionButton action={running ? actions.stopEvaluation : actions.evaluate} look="primary" showKey />
      <div className={styles.field} data-dial="">
        <span>Questions a set</span>
        <Segmented
          label="Questions a set"
          value={String(table.n)}
          options={sizes}
          onChange={(value) => setTable({ n: Number(value) })}
        />
      </div>
      <div className={styles.field} data-dial="">
        <span>from</span>
        <Segmented
          label="World"
          value={table.world}
          options={worlds}
          onChange={(world) => setTable({ world, cell: undefined, item: undefined })}
        />
      </div>
      <label className={styles.field} htmlFor={seedId} data-dial="">
        <span>Seed</span>
        <input
          id={seedId}
          type="number"
          min={0}
          max={0x3fffffff}
          step={1}
          value={table.seed}
          onChange={({ target }) => {
            const seed = target.valueAsNumber;
            if (Number.isInteger(seed) && seed >= 0 && seed <= 0x3fffffff) setTable({ seed });
          }}
        />
      </label>
      <span className={styles.right}>
        <ActionButton action={actions.share} look="quiet" text="Copy link" />
      </span>
      <Progress recorded={recorded} />
    </div>
  );
}

function Progress({ recorded }: TableBarProps) {
  const evaluation = useApp((state) => state.lab.evaluation);
  const loading = useApp((state) => state.lab.run === 'loading');
  const { progress, status } = evaluation ?? {};
  return (
    <p className={styles.progress} role="status">
      {status === 'running' && progress !== undefined && (
        <progress value={progress.done} max={progress.total} aria-hidden="true" />
      )}
      {loading ? (
        'Loading the engine…'
      ) : evaluation === undefined ? (
        <NotRun recorded={recorded} />
      ) : (
        wordsOf(evaluation)
      )}
    </p>
  );
}

/** What stands below while nothing has been run here. */
function NotRun({ recorded }: TableBarProps) {
  if (recorded === undefined) return null;
  if ('problem' in recorded) {
    return `Nothing run yet, and no recorded table to show (${recorded.problem}). Each cell fills as it is done.`;
  }
  const { rows, world, backend, seconds, command } = recorded.table;
  return (
    <span>
      <RecordedTag command={command} seed={world.seed} /> {Math.max(...rows.map(({ n }) => n))} questions a
      set, seed {world.seed}, in {duration(seconds)} on {backend}. Run it here, and every cell opens the
      rollouts behind it.
    </span>
  );
}

function wordsOf({ status, progress, plan, cells, seconds }: EvaluationState): string {
  const all = plan.methods.length * plan.sets.length;
  const asked = `${plan.n} questions a set, seed ${plan.worldSeed}`;
  switch (status) {
    case 'running':
      return progress === undefined
        ? 'Making the world…'
        : `${methodLabels[progress.method]} on ${setLabel(progress.set)}; cell ${cells.length + 1} of ${all}`;
    case 'done':
      return `Run here in ${duration(seconds ?? 0)}: ${asked}${plan.policy === 'current' ? '; ReSearch is the run in this tab' : ''}.`;
    case 'stopped':
      return `Stopped after ${cells.length} of ${all} cells: ${asked}.`;
    case 'failed':
      return `Broke off after ${cells.length} of ${all} cells.`;
  }
}
