import { ActionButton } from '../actions/ActionButton.tsx';
import { actions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import { Part } from '../components/Part.tsx';
import { RunState } from '../components/RunState.tsx';
import { changedSinceLoad } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { changedFields, takesEffect } from '../../lab/turning.ts';
import { restartRun, turnDials } from '../worker/session.ts';
import { Pace } from './Pace.tsx';
import styles from './ControlBar.module.css';

/** Start, pause, one update, stop; what the run is doing; its recipe and a link to all of it. */
export function ControlBar() {
  const run = useApp((state) => state.lab.run);
  const preset = useApp((state) => state.preset);
  const changed = useApp(changedSinceLoad);
  const main = run === 'running' || run === 'pausing' ? actions.pause : actions.start;
  const text = {
    paused: 'Go on',
    done: 'Train again',
    failed: 'Begin again',
    running: 'Pause',
    pausing: 'Pausing…',
  }[run as string];
  return (
    <div className={styles.bar}>
      <ActionButton action={main} look="primary" text={text ?? 'Train it here'} showKey />
      <ActionButton action={actions.step} showKey />
      <ActionButton action={actions.byPhase} />
      <ActionButton action={actions.stop} />
      <Part name="speed">
        <Pace />
      </Part>
      <RunState />
      <span className={styles.right}>
        <ActionButton
          action={actions.recipe}
          look="quiet"
          text={
            <span>
              Recipe
              <span className={styles.preset}>
                : {preset}
                {changed && ', changed'}
              </span>
            </span>
          }
        />
        <ActionButton action={actions.share} look="quiet" text="Copy link" />
      </span>
      {changed && (
        <p className={styles.changed}>
          <ChangedWords />{' '}
        </p>
      )}
    </div>
  );
}

/** What it takes to apply the dials that were turned since the run began. */
function ChangedWords() {
  const recipe = useApp((state) => state.recipe);
  const lab = useApp((state) => state.lab);
  const backend = useApp((state) => state.backend);
  const adapter = useApp((state) => state.learned.adapter);
  const fields = lab.recipe === undefined ? [] : changedFields(lab.recipe, recipe);
  const fixed = fields.filter((field) => takesEffect(field) === 'new run');
  if (backend !== lab.backend) fixed.push('the backend');
  if (adapter !== lab.adapter) fixed.push('the saved adapter');
  return (
    <>
      {fixed.length === 0
        ? `Changed: ${fields.join(', ')}. The run can take this over from its next update on.`
        : `Changed: ${[...new Set([...fields, ...fixed])].join(', ')}. ${fixed.join(', ')} takes effect in a new run only.`}{' '}
      {fixed.length === 0 && <Button onClick={turnDials}>Apply from the next update on</Button>}{' '}
      <Button look="quiet" onClick={() => void restartRun()}>
        Begin again with the changes
      </Button>
    </>
  );
}
