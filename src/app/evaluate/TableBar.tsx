import { useId } from 'react';
import { ActionButton } from '../actions/ActionButton.tsx';
import { actions } from '../actions/registry.ts';
import { duration } from '../components/format.ts';
import { Segmented } from '../components/Segmented.tsx';
import type { EvaluationState } from '../store/evaluationState.ts';
import { useApp } from '../store/store.ts';
import { tableSizes } from '../store/tableChoice.ts';
import { setTable } from '../worker/evaluating.ts';
import { setLabel } from '../components/setLabel.ts';
import { methodLabels } from './names.ts';
import styles from './TableBar.module.css';

const sizes = tableSizes.map((size) => ({ value: String(size), label: String(size) }));
const worlds = [
  { value: 'generated', label: 'a generated world' },
  { value: 'countries', label: 'real countries' },
] as const;

const notRun = 'Nothing run yet. Each dash becomes a figure as its cell is done, and opens its rollouts.';

/** Run and stop, what is asked, and how far it is. */
export function TableBar() {
  const table = useApp((state) => state.table);
  const running = useApp((state) => state.lab.evaluation?.status === 'running');
  const seedId = useId();
  return (
    <div className={styles.bar}>
      <ActionButton action={running ? actions.stopEvaluation : actions.evaluate} look="primary" showKey />
      <div className={styles.field}>
        <span>Questions a set</span>
        <Segmented
          label="Questions a set"
          value={String(table.n)}
          options={sizes}
          onChange={(value) => setTable({ n: Number(value) })}
        />
      </div>
      <div className={styles.field}>
        <span>from</span>
        <Segmented
          label="World"
          value={table.world}
          options={worlds}
          onChange={(world) => setTable({ world, cell: undefined, item: undefined })}
        />
      </div>
      <label className={styles.field} htmlFor={seedId}>
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
      <Progress />
    </div>
  );
}

function Progress() {
  const evaluation = useApp((state) => state.lab.evaluation);
  const loading = useApp((state) => state.lab.run === 'loading');
  const words = loading ? 'Loading the engine…' : evaluation === undefined ? notRun : wordsOf(evaluation);
  const { progress, status } = evaluation ?? {};
  return (
    <p className={styles.progress} role="status">
      {status === 'running' && progress !== undefined && (
        <progress value={progress.done} max={progress.total} aria-hidden="true" />
      )}
      {words}
    </p>
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
