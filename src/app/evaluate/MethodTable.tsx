import { fixed, percent, percentRange } from '../components/format.ts';
import type { EvaluatedCell } from '../../lab/evaluationPlan.ts';
import type { MethodName } from '../../research/methodNames.ts';
import type { QuestionSet } from '../../world/types.ts';
import { cellOf, type EvaluationState } from '../store/evaluationState.ts';
import { useApp } from '../store/store.ts';
import { setsOf } from '../store/tableChoice.ts';
import { setTable } from '../worker/evaluating.ts';
import { Downloads } from './Downloads.tsx';
import { Interval } from './Interval.tsx';
import { marginOf } from './margin.ts';
import { Term } from '../components/Term.tsx';
import { setLabel } from '../components/setLabel.ts';
import { methodLabels } from './names.ts';
import { ScoreTable } from './ScoreTable.tsx';
import styles from './MethodTable.module.css';

/** Methods by sets: exact matches with their interval, F1 and searches; a cell opens its rollouts. */
export function MethodTable({ evaluation }: { readonly evaluation: EvaluationState | undefined }) {
  const table = useApp((state) => state.table);
  const sets = evaluation?.plan.sets ?? setsOf(table);
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
        columns={sets.map((set) => ({ key: set, head: setLabel(set) }))}
        words
        cell={(method, set) => <Cell evaluation={evaluation} method={method} set={set} />}
      />
      <MarginLine evaluation={evaluation} sets={sets} />
    </section>
  );
}

interface CellProps {
  readonly evaluation: EvaluationState | undefined;
  readonly method: MethodName;
  readonly set: QuestionSet;
}

function Cell({ evaluation, method, set }: CellProps) {
  const cell = cellOf(evaluation, method, set);
  const open = useApp(({ table }) => table.cell?.method === method && table.cell.set === set);
  if (cell === undefined) {
    const { status, progress, plan } = evaluation ?? {};
    const now = status === 'running' && progress?.method === method && progress.set === set;
    if (now) return <span className={styles.none}>{percent(progress.done / progress.total)} asked</span>;
    return (
      <span className={styles.none}>
        {status === 'running' && plan?.methods.includes(method) === true ? 'to come' : '–'}
      </span>
    );
  }
  return (
    <button
      type="button"
      className={open ? `${styles.cell} ${styles.open}` : styles.cell}
      aria-expanded={open}
      onClick={() => setTable({ cell: open ? undefined : { method, set }, item: undefined })}
    >
      <Numbers cell={cell} />
      <span className="visuallyHidden">, rollouts</span>
    </button>
  );
}

function Numbers({ cell: { row } }: { readonly cell: EvaluatedCell }) {
  const [low, high] = row.ci95;
  return (
    <>
      <span className={styles.em}>
        {percent(row.em)} <small>{percentRange(low, high)}</small>
      </span>
      <Interval value={row.em} low={low} high={high} />
      <small className={styles.rest}>
        F1 {fixed(row.f1)} · {fixed(row.searches, 1)} searches
      </small>
    </>
  );
}

function MarginLine({
  evaluation,
  sets,
}: {
  readonly evaluation: EvaluationState | undefined;
  readonly sets: readonly QuestionSet[];
}) {
  const margin = marginOf(sets, (method, set) => cellOf(evaluation, method, set)?.row.em);
  if (margin === undefined) return null;
  const points = Math.abs(100 * margin.points);
  return (
    <p className={styles.margin}>
      ReSearch is <b>{fixed(points, 1)} points</b> {margin.points >= 0 ? 'above' : 'below'} the best prompt
      baseline, {methodLabels[margin.best]}
      {sets.length > 1 ? ', averaged over the sets' : ''}. These are one world and one training run.
    </p>
  );
}
