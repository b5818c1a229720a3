import { Part } from '../components/Part.tsx';
import { PriorShares } from '../components/PriorShares.tsx';
import { useApp } from '../store/store.ts';
import { Announcer } from './Announcer.tsx';
import { ControlBar } from './ControlBar.tsx';
import { Curves } from './Curves.tsx';
import { Groups } from './Groups.tsx';
import { Learned } from './Learned.tsx';
import { Numbers } from './Numbers.tsx';
import { Results } from './Results.tsx';
import { RolloutPanel } from './RolloutPanel.tsx';
import { RunsTable } from './RunsTable.tsx';
import { RunLabel } from './RunLabel.tsx';
import { Awaited } from '../components/Awaited.tsx';
import { awaitsLive } from '../store/runView.ts';
import { useRun, useShownUpdate } from '../store/useRun.ts';
import { Writing } from './Writing.tsx';
import styles from './TrainView.module.css';

/** The run: its controls, its curves, the batch of any update, and any rollout of it. */
export default function TrainView() {
  const run = useRun();
  const update = useShownUpdate(run);
  const open = useApp((state) => state.open);
  const awaited = useApp(awaitsLive);
  // What stands under the curves waits for them: it would be pushed down as the recording arrives.
  const arriving = useApp(({ recorded }) => recorded.status === 'unread' || recorded.status === 'reading');
  const group = update?.groups.find((candidate) => candidate.group === open?.group);
  return (
    <div className={styles.train}>
      <h1 className="visuallyHidden">Train</h1>
      <ControlBar />
      <RunLabel run={run} />
      {awaited && group === undefined && <Awaited />}
      {run !== undefined && (
        <>
          <Part name="curves">
            <Curves run={run} />
          </Part>
          <Writing run={run} />
          <Part name="batch">
            <div
              className={
                group === undefined || open === undefined ? styles.batch : `${styles.batch} ${styles.split}`
              }
            >
              <Groups run={run} />
              {group !== undefined && open !== undefined && update !== undefined && (
                <RolloutPanel run={run} step={update.step} group={group} rollout={open.rollout} />
              )}
            </div>
          </Part>
          <Part name="results">
            <Results run={run} />
          </Part>
          <Part name="numbers">
            <Numbers run={run} />
          </Part>
        </>
      )}
      {(run !== undefined || !arriving) && (
        <>
          <Part name="runs">
            <RunsTable />
            <Learned />
          </Part>
          <Part name="prior">
            <details className={styles.prior}>
              <summary>What the policy had seen before the first update</summary>
              <PriorShares />
            </details>
          </Part>
        </>
      )}
      <Announcer />
    </div>
  );
}
