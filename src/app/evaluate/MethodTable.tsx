import { fixed, percent } from '../components/format.ts';
import { methodNames, type MethodName } from '../../research/methodNames.ts';
import type { EvaluationRow } from '../../research/methodRows.ts';
import type { QuestionSet } from '../../world/types.ts';
import type { EvaluationState } from '../store/evaluationState.ts';
import { useApp } from '../store/store.ts';
import { setTable } from '../worker/evaluating.ts';
import { Downloads } from './Downloads.tsx';
import { marginOf } from './margin.ts';
import { Term } from '../components/Term.tsx';
import { setLabel } from '../components/setLabel.ts';
import { methodLabels, setWords } from './names.ts';
import { NoScore, ScoreCell } from './ScoreCell.tsx';
import { methodRows, ScoreTable } from './ScoreTable.tsx';
import { rowIn, type ShownTable } from './shownTable.ts';
import styles from './MethodTable.module.css';

/** Methods by sets: exact matches with their interval, F1 and searches; a cell that was run here opens its rollouts. */
export function MethodTable({ table }: { readonly table: ShownTable }) {
  const { sets, rows, evaluation } = table;
  return (
    <section aria-labelledby="table">
      <div className={styles.head}>
        <h2 id="table">
          <Term name="exactMatch">Right answers</Term>{' '}
          <em>
            with their <Term name="interval">95{'\u202f'}% interval</Term> · <Term name="f1">F1</Term> ·{' '}
            <Term name="searches">searches</Term> a question
          </em>
        </h2>
        {evaluation !== undefined && evaluation.cells.length > 0 && <Downloads evaluation={evaluation} />}
      </div>
      <ScoreTable
        label="Table, methods by sets"
        columns={sets.map((set) => ({ key: set, head: setLabel(set), words: setWords[set] }))}
        rows={methodRows(methodNames, true)}
        cell={(method, set) => {
          const row = rowIn(rows, method, set);
          if (row === undefined) return <NoScore>{absence(evaluation, method, set)}</NoScore>;
          return evaluation === undefined ? <ScoreCell numbers={row} /> : <Run row={row} />;
        }}
      />
      <MarginLine table={table} />
    </section>
  );
}

/** Why there is no figure, where something runs. */
function absence(
  evaluation: EvaluationState | undefined,
  method: MethodName,
  set: QuestionSet,
): string | undefined {
  if (evaluation?.status !== 'running') return evaluation === undefined ? undefined : '–';
  const { progress, plan } = evaluation;
  if (progress?.method === method && progress.set === set)
    return `${percent(progress.done / progress.total)} asked`;
  return plan.methods.includes(method) ? 'to come' : '–';
}

/** A cell whose rollouts are here. */
function Run({ row }: { readonly row: EvaluationRow }) {
  const { method, set } = row;
  const open = useApp(({ table }) => table.cell?.method === method && table.cell.set === set);
  return (
    <ScoreCell
      numbers={row}
      open={open}
      onOpen={() => setTable({ cell: open ? undefined : { method, set }, item: undefined })}
    />
  );
}

function MarginLine({ table: { sets, rows } }: { readonly table: ShownTable }) {
  const margin = marginOf(sets, (method, set) => rowIn(rows, method, set)?.em);
  const points = Math.abs(100 * (margin?.points ?? 0));
  return (
    <p className={styles.margin}>
      {margin !== undefined && (
        <>
          ReSearch is <b>{fixed(points, 1)} points</b> {margin.points >= 0 ? 'above' : 'below'} the best
          prompt baseline, {methodLabels[margin.best]}
          {sets.length > 1 ? ', averaged over the sets' : ''}. These are one world and one training run.
        </>
      )}
    </p>
  );
}
