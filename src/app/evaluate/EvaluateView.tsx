import type { PriorBehaviourName } from '../../research/priorMixture.ts';
import { useApp } from '../store/store.ts';
import { cellOf } from '../store/evaluationState.ts';
import { CellPanel } from './CellPanel.tsx';
import { HopsTable } from './HopsTable.tsx';
import { MethodTable } from './MethodTable.tsx';
import { PaperTable } from './PaperTable.tsx';
import { WebllmTable } from './WebllmTable.tsx';
import { TableBar } from './TableBar.tsx';
import styles from './EvaluateView.module.css';

/** What the prior calls its transcripts in the baselines' forms. */
const BASELINE_BEHAVIOUR: PriorBehaviourName = 'given pages';

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
          <UnseenFormats />
          {evaluation !== undefined && evaluation.cells.length > 0 && <HopsTable evaluation={evaluation} />}
          <WebllmTable />
          <PaperTable />
        </div>
        {cell !== undefined && <CellPanel key={`${cell.row.method}.${cell.row.set}`} cell={cell} />}
      </div>
    </div>
  );
}

/** A policy that has never seen how the baselines ask cannot answer them: that is no fault of theirs. */
function UnseenFormats() {
  const prior = useApp((state) => state.lab.info?.prior);
  if (prior === undefined || prior.some(({ name }) => name === BASELINE_BEHAVIOUR)) return null;
  return (
    <p className={styles.unseen}>
      This policy’s prior has not seen the forms that the baselines ask in. Their rows tell of the policy and
      say nothing of the methods.
    </p>
  );
}
