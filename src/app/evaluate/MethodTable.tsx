import { fixed, percent } from '../components/format.ts';
import type { EvaluatedCell } from '../../lab/evaluationPlan.ts';
import { methodNames, type MethodName } from '../../research/methodNames.ts';
import type { QuestionSet } from '../../world/types.ts';
import { cellOf, type EvaluationState } from '../store/evaluationState.ts';
import { useApp } from '../store/store.ts';
import { setsOf } from '../store/tableChoice.ts';
import { setTable } from '../worker/evaluating.ts';
import { Downloads } from './Downloads.tsx';
import { Interval } from './Interval.tsx';
import { marginOf } from './margin.ts';
import { setLabel } from '../components/setLabel.ts';
import { methodLabels, methodWords } from './names.ts';
import styles from './MethodTable.module.css';

/** Methods by sets: exact matches with their interval, F1 and searches; a cell opens its rollouts. */
export function MethodTable({ evaluation }: { readonly evaluation: EvaluationState | undefined }) {
  const table = useApp((state) => state.table);
  const sets = evaluation?.plan.sets ?? setsOf(table);
  return (
    <section aria-labelledby="table">
      <div className={styles.head}>
        <h2 id="table">
          Right answers <em>exact match with its 95 % interval · F1 · searches a question</em>
        </h2>
        {evaluation !== undefined && evaluation.cells.length > 0 && <Downloads evaluation={evaluation} />}
      </div>
      <div className={styles.scroller} tabIndex={0} role="region" aria-label="Table, methods by sets">
        <table className={styles.table}>
          <thead>
            <tr>
              <td />
              {sets.map((set) => (
                <th key={set} scope="col">
                  {setLabel(set)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {methodNames.map((method) => (
              <tr key={method} className={method === 'research' ? styles.ours : undefined}>
                <th scope="row">
                  {methodLabels[method]}
                  <small>{methodWords[method]}</small>
                </th>
                {sets.map((set) => (
                  <td key={set}>
                    <Cell evaluation={evaluation} method={method} set={set} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
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
        {percent(row.em)}{' '}
        <small>
          {percent(low)}–{percent(high)}
        </small>
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
