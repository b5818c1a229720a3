import { Button } from '../components/Button.tsx';
import { RecordedTag } from '../components/RecordedTag.tsx';
import { hasLiveRun, type RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { stalledWords } from './stalled.ts';
import styles from './RunLabel.module.css';

/** Which run stands on the screen: the recorded one with what made it, or the one in this tab. */
export function RunLabel({ run }: { readonly run: RunView | undefined }) {
  const recorded = useApp((state) => state.recorded);
  const live = useApp(hasLiveRun);
  const turned = useApp((state) => state.lab.turned);
  const { setView, replayRecording } = useApp.getState();
  if (run?.source === 'recorded') {
    return (
      <div className={styles.label}>
        <div className={styles.words}>
          <p>
            <RecordedTag command={run.command ?? ''} seed={run.recipe.seed} /> on {run.backend}, seed{' '}
            {run.recipe.seed}
          </p>
          <details>
            <summary>The command that made it</summary>
            <code>{run.command}</code>
          </details>
        </div>
        <span>
          {live && (
            <Button onClick={() => setView({ source: 'live', step: undefined, open: undefined })}>
              Show this tab’s run
            </Button>
          )}
          <Button look="quiet" onClick={replayRecording}>
            Play again
          </Button>
        </span>
      </div>
    );
  }
  if (run !== undefined) {
    return (
      <div className={styles.label}>
        <p>
          {turned.length === 0
            ? `The run in this tab, seed ${run.recipe.seed}.`
            : `The run in this tab. Dials turned on the way, so the recipe alone does not make it again: ${turned
                .map(({ step, changes }) => `after update ${step}, ${changes.join(', ')}`)
                .join('; ')}.`}{' '}
          <span role="status">{stalledWords(run.kept)}</span>
        </p>
        {recorded.status === 'ready' && (
          <Button
            look="quiet"
            onClick={() => setView({ source: 'recorded', step: undefined, open: undefined })}
          >
            Show the recorded run
          </Button>
        )}
      </div>
    );
  }
  if (recorded.status === 'missing') {
    return (
      <p className={styles.label}>
        No recorded run to show ({recorded.message}). Training here works all the same.
      </p>
    );
  }
  return null;
}
