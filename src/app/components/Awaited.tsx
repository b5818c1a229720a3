import { actions } from '../actions/registry.ts';
import { Button } from './Button.tsx';
import { isBusy } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { startRun } from '../worker/session.ts';

/** What a link to a rollout of its sender's run is told with: the same recipe and seed make the same rollouts here. */
export function Awaited() {
  const step = useApp((state) => state.step);
  const open = useApp((state) => state.open);
  const lab = useApp((state) => state.lab);
  const busy = useApp(isBusy);
  const done = lab.steps.at(-1)?.step ?? 0;
  if (open === undefined || step === undefined) return null;
  const what = `update ${step}, group ${open.group + 1}, rollout ${open.rollout + 1}`;
  if (done >= step)
    return <p role="status">The rollout of the link ({what}) is not among those that are kept here.</p>;
  if (busy || lab.run === 'loading')
    return (
      <p role="status">
        The rollout of the link opens once update {step} is done; the run is at {done}.
      </p>
    );
  return (
    <p role="status">
      This link is to a rollout of a run in its sender’s tab: {what}. The same recipe and seed make the same
      rollouts on the same kind of machine. Train here, and it opens once update {step} is done.{' '}
      <Button
        look="primary"
        disabled={!actions.start.possible(useApp.getState())}
        onClick={() => void startRun()}
      >
        Train it here
      </Button>
    </p>
  );
}
