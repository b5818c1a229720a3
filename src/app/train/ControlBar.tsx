import { ActionButton } from '../actions/ActionButton.tsx';
import { actions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import { RunState } from '../components/RunState.tsx';
import { changedSinceLoad, hasLiveRun, shownSource } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { restartRun } from '../worker/session.ts';
import styles from './ControlBar.module.css';

/** Start, pause, one update, stop; what the run is doing; its recipe and a link to all of it. */
export function ControlBar() {
  const run = useApp((state) => state.lab.run);
  const preset = useApp((state) => state.preset);
  const changed = useApp(changedSinceLoad);
  const live = useApp(
    (state) => state.recorded.status === 'ready' && hasLiveRun(state) && shownSource(state) === 'live',
  );
  const main = run === 'running' || run === 'pausing' ? actions.pause : actions.start;
  const text = { paused: 'Go on', done: 'Train again', running: 'Pause', pausing: 'Pausing…' }[run as string];
  return (
    <div className={styles.bar}>
      <ActionButton action={main} look="primary" text={text ?? 'Train it here'} showKey />
      <ActionButton action={actions.step} showKey />
      <ActionButton action={actions.byPhase} />
      <ActionButton action={actions.stop} />
      <RunState />
      <span className={styles.right}>
        {live && (
          <Button
            look="quiet"
            onClick={() =>
              useApp.getState().setView({ source: 'recorded', step: undefined, open: undefined })
            }
          >
            Show the recorded run
          </Button>
        )}
        <ActionButton
          action={actions.recipe}
          look="quiet"
          text={`Recipe: ${preset}${changed ? ', changed' : ''}`}
        />
        <ActionButton action={actions.share} look="quiet" text="Copy link" />
      </span>
      {changed && (
        <p className={styles.changed}>
          The recipe has changed since this run began.{' '}
          <Button onClick={() => void restartRun()}>Begin again with the changes</Button>
        </p>
      )}
    </div>
  );
}
