import { ActionButton } from '../actions/ActionButton.tsx';
import { actions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import { RunState } from '../components/RunState.tsx';
import type { UpdateRecord } from '../store/updateRecord.ts';
import { useApp } from '../store/store.ts';
import styles from './UpdateView.module.css';

/** On, back, slow motion; what the worker does; and a live update where a recorded one is shown. */
export function PhaseBar({ record }: { readonly record: UpdateRecord | undefined }) {
  const slow = useApp((state) => state.slow);
  const run = useApp((state) => state.lab.run);
  const done = useApp((state) => state.lab.watched?.done);
  const live = record?.watched !== undefined;
  return (
    <div className={styles.bar}>
      {record !== undefined && <ActionButton action={actions.nextPhase} look="primary" showKey />}
      {record !== undefined && <ActionButton action={actions.previousPhase} text="‹ Back" />}
      <Button
        aria-pressed={slow}
        className={slow ? styles.pressed : undefined}
        onClick={actions.slow.perform}
        hint={actions.slow.key}
      >
        Slow motion
      </Button>
      <ActionButton
        action={actions.newUpdate}
        look={record === undefined ? 'primary' : 'plain'}
        text={live ? 'Another update' : 'Make an update here'}
      />
      {live && done === false && run === 'paused' && (
        <ActionButton action={actions.finishUpdate} look="quiet" />
      )}
      <RunState />
    </div>
  );
}
