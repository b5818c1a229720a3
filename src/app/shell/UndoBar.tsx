import { Button } from '../components/Button.tsx';
import { actions } from '../actions/registry.ts';
import { useApp } from '../store/store.ts';
import styles from './UndoBar.module.css';

/** What was just lost, and the way to have it back; stands until it is used, dismissed, or something else is lost. */
export function UndoBar() {
  const undo = useApp((state) => state.undo);
  const { offerUndo } = useApp.getState();
  return (
    <div role="status" className={undo === undefined ? 'visuallyHidden' : styles.bar}>
      {undo !== undefined && (
        <>
          <p>{undo.label}</p>
          <Button onClick={actions.undo.perform} hint={actions.undo.key} aria-keyshortcuts={actions.undo.key}>
            Undo
          </Button>
          <Button look="quiet" onClick={() => offerUndo(undefined)}>
            Dismiss
          </Button>
        </>
      )}
    </div>
  );
}
