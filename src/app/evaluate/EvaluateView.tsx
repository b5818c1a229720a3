import { useApp } from '../store/store.ts';
import { cellOf } from '../store/evaluationState.ts';
import { CellPanel } from './CellPanel.tsx';
import { HopsTable } from './HopsTable.tsx';
import { MethodTable } from './MethodTable.tsx';
import { PaperTable } from './PaperTable.tsx';
import { TableBar } from './TableBar.tsx';
import styles from './EvaluateView.module.css';

/** The paper's table, run here: methods by sets, each cell with its rollouts; and the paper's own figures. */
export default function EvaluateView() {
  const evaluation = useApp((state) => state.lab.evaluation);
  const open = useApp((state) => state.table.cell);
  const cell = open && cellOf(evaluation, open.method, open.set);
  return (
    <div className={styles.view}>
      <h1 className="visuallyHidden">Evaluate</h1>
      <TableBar />
      <div className={cell === undefined ? styles.body : `${styles.body} ${styles.split}`}>
        <div className={styles.tables}>
          <MethodTable evaluation={evaluation} />
          {evaluation !== undefined && evaluation.cells.length > 0 && <HopsTable evaluation={evaluation} />}
          <PaperTable />
        </div>
        {cell !== undefined && <CellPanel key={`${cell.row.method}.${cell.row.set}`} cell={cell} />}
      </div>
    </div>
  );
}
