import { Button } from '../components/Button.tsx';
import { counted, percent } from '../components/format.ts';
import { Segmented } from '../components/Segmented.tsx';
import { SidePanel } from '../components/SidePanel.tsx';
import { Strip } from '../components/Strip.tsx';
import { stripWords } from '../components/stripParts.ts';
import type { EvaluatedCell } from '../../lab/evaluationPlan.ts';
import type { Trace } from '../../traces/trace.ts';
import { useApp } from '../store/store.ts';
import type { TableChoice } from '../store/tableChoice.ts';
import { setTable } from '../worker/evaluating.ts';
import { setLabel } from '../components/setLabel.ts';
import { methodLabels } from './names.ts';
import { RolloutText } from './RolloutText.tsx';
import styles from './CellPanel.module.css';

const isRight = ({ reward }: Trace): boolean => reward?.em === 1;

/** The rollouts of one cell: all, the right ones or the wrong ones, and any of them read in full. */
export function CellPanel({ cell }: { readonly cell: EvaluatedCell }) {
  const { show, item } = useApp((state) => state.table);
  const { row, traces } = cell;
  const trace = item === undefined ? undefined : traces[item];
  const right = traces.filter(isRight).length;
  const options: readonly { readonly value: TableChoice['show']; readonly label: string }[] = [
    { value: 'all', label: `all ${traces.length}` },
    { value: 'right', label: `right ${right}` },
    { value: 'wrong', label: `wrong ${traces.length - right}` },
  ];
  return (
    <SidePanel
      label="Rollouts of the cell"
      head={`${methodLabels[row.method]} · ${setLabel(row.set)} · ${percent(row.em)} right`}
      actions={
        <>
          {trace !== undefined && (
            <Button look="quiet" onClick={() => setTable({ item: undefined })}>
              All rollouts
            </Button>
          )}
          <Button
            look="quiet"
            hint="Esc"
            onClick={() => setTable({ cell: undefined, item: undefined })}
            aria-label="Close the cell"
          >
            Close
          </Button>
        </>
      }
    >
      {trace === undefined ? (
        <>
          <Segmented
            label="Which rollouts"
            value={show}
            options={options}
            onChange={(value) => setTable({ show: value })}
          />
          <List traces={traces} show={show} />
        </>
      ) : (
        <RolloutText trace={trace} />
      )}
    </SidePanel>
  );
}

function List({ traces, show }: { readonly traces: readonly Trace[]; readonly show: TableChoice['show'] }) {
  const scale = Math.max(...traces.map(({ tokens }) => tokens.ids.length), 1);
  const shown = traces
    .map((trace, index) => ({ trace, index }))
    .filter(({ trace }) => show === 'all' || isRight(trace) === (show === 'right'));
  if (shown.length === 0) return <p className={styles.none}>None.</p>;
  return (
    <ol className={styles.list} aria-label="Rollouts">
      {shown.map(({ trace, index }) => (
        <li key={index}>
          <button type="button" onClick={() => setTable({ item: index })}>
            <span className={styles.question}>{trace.question.text}</span>
            <Strip trace={trace} scale={scale} />
            <span className="visuallyHidden">{stripWords(trace)}</span>
            <small>
              {isRight(trace) ? 'right' : 'wrong'}
              {trace.reward?.answer !== undefined && `: ${trace.reward.answer}`}
              {!isRight(trace) && trace.question.golds[0] !== undefined && ` (${trace.question.golds[0]})`}
              {trace.question.hops !== undefined && ` · ${counted(trace.question.hops, 'hop', 'hops')}`}
            </small>
          </button>
        </li>
      ))}
    </ol>
  );
}
