import { useMemo } from 'react';
import type { PriorBehaviourName } from '../../research/priorMixture.ts';
import { ViewFrame } from '../components/ViewFrame.tsx';
import { useApp } from '../store/store.ts';
import { cellOf } from '../store/evaluationState.ts';
import { setsOf } from '../store/tableChoice.ts';
import { CellPanel } from './CellPanel.tsx';
import { HopsTable } from './HopsTable.tsx';
import { MethodTable } from './MethodTable.tsx';
import { PaperTable } from './PaperTable.tsx';
import { useRecordedTable } from './recordedTable.ts';
import type { ShownTable } from './shownTable.ts';
import { WebllmTable } from './WebllmTable.tsx';
import { TableBar } from './TableBar.tsx';
import styles from './EvaluateView.module.css';

/** What the prior calls its transcripts in the baselines' forms. */
const BASELINE_BEHAVIOUR: PriorBehaviourName = 'given pages';

/** The paper's table, recorded until it is run here: methods by sets, each cell with its rollouts; and the paper's own figures. */
export default function EvaluateView() {
  const evaluation = useApp((state) => state.lab.evaluation);
  const choice = useApp((state) => state.table);
  const recorded = useRecordedTable(choice.world);
  const { world, cell: open } = choice;
  const table = useMemo((): ShownTable => {
    if (evaluation !== undefined)
      return { sets: evaluation.plan.sets, rows: evaluation.cells.map(({ row }) => row), evaluation };
    const rows = recorded !== undefined && 'table' in recorded ? recorded.table.rows : [];
    return { sets: setsOf({ world }), rows, evaluation };
  }, [evaluation, recorded, world]);
  const cell = open && cellOf(evaluation, open.method, open.set);
  return (
    <ViewFrame
      title="Does learning to search beat being told how?"
      about="The paper’s comparison on a policy that runs in this tab: four ways to prompt it, this page’s own format before any reward, and the same policy after GRPO. All get the same questions and the same index, and answer greedily. A figure is the share of questions answered right."
    >
      <TableBar recorded={recorded} />
      <div className={cell === undefined ? styles.body : `${styles.body} ${styles.split}`}>
        <div className={styles.tables}>
          <MethodTable table={table} />
          <UnseenFormats />
          {table.rows.length > 0 && <HopsTable table={table} />}
          {evaluation === undefined && recorded === undefined && (
            <div className={styles.awaited} aria-busy="true" />
          )}
          <WebllmTable />
          <PaperTable />
        </div>
        {cell !== undefined && <CellPanel key={`${cell.row.method}.${cell.row.set}`} cell={cell} />}
      </div>
    </ViewFrame>
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
