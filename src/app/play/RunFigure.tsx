import { Button } from '../components/Button.tsx';
import { Figure } from '../components/figure/Figure.tsx';
import { fixed, percent } from '../components/format.ts';
import { RecordedTag } from '../components/RecordedTag.tsx';
import { Sparkline } from '../components/Sparkline.tsx';
import { Term } from '../components/Term.tsx';
import { hrefTo } from '../routing/hashLocation.ts';
import { mainScores } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import styles from './RunFigure.module.css';

/** The recorded run in one glance: right answers before and after, and the curve that led there, drawn as it went. */
export function RunFigure() {
  const recorded = useApp((state) => state.recorded);
  const replay = useApp((state) => state.replayRecording);
  if (recorded.status === 'missing') {
    return (
      <p className={styles.missing} role="note">
        No recorded run to show ({recorded.message}). Everything here still works live.
      </p>
    );
  }
  if (recorded.status !== 'ready') return <div className={styles.figure} aria-busy="true" />;
  const { run, shown } = recorded;
  const before = mainScores(run.before);
  const after = mainScores(run.after);
  const now = run.steps[shown - 1];
  const complete = shown === run.steps.length;
  return (
    <Figure
      name="right-answers"
      className={styles.figure}
      table={() => ({
        columns: ['update', 'right answers in the batch, sampled'],
        rows: run.steps.map(({ step, em }) => [step, em]),
      })}
      caption={
        <>
          <h2>
            <Term name="exactMatch">Right answers</Term>{' '}
            <em>{after === undefined ? '' : `greedy, ${after.n} questions of an unseen world`}</em>
          </h2>
          {before !== undefined && after !== undefined && (
            <p className={styles.big}>
              {complete ? percent(after.em) : percent(before.em)}
              <small>{complete ? `from ${percent(before.em)} at the start` : 'at the start'}</small>
            </p>
          )}
        </>
      }
    >
      <Sparkline
        values={run.steps.slice(0, shown).map((step) => step.em)}
        total={run.steps.length}
        before={before?.em}
        after={complete ? after?.em : undefined}
        label={`Right answers over ${run.steps.length} updates of the recorded run, in training batches, sampled`}
      />
      <p className={styles.caption}>
        <span>
          Update {now === undefined ? 0 : shown} of {run.steps.length}; the line is training batches, sampled.
        </span>
        {before !== undefined && after !== undefined && (
          // Has its place from the first, so that nothing moves when the run has played.
          <span hidden={!complete}>
            <Term name="searches">Searches</Term> {fixed(before.searches, 1)} →{' '}
            <b>{fixed(after.searches, 1)}</b>, <Term name="selfCorrection">self-corrections</Term>{' '}
            {percent(before.selfCorrections)} → <b>{percent(after.selfCorrections)}</b> of rollouts.
          </span>
        )}
      </p>
      <p className={styles.foot}>
        <RecordedTag command={run.command} seed={run.recipe.seed} />
        <a href={hrefTo('/train')}>See every update</a>
        <Button look="quiet" onClick={replay} disabled={!complete}>
          Play again
        </Button>
      </p>
    </Figure>
  );
}
