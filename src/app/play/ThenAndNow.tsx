import { useState, type ReactNode } from 'react';
import { Figure } from '../components/figure/Figure.tsx';
import { fixed } from '../components/format.ts';
import { RecordedTag } from '../components/RecordedTag.tsx';
import { StepSlider } from '../components/StepSlider.tsx';
import { Strip } from '../components/Strip.tsx';
import { StripLegend } from '../components/StripLegend.tsx';
import type { KeptUpdate } from '../store/labState.ts';
import { hrefTo } from '../routing/hashLocation.ts';
import { useApp } from '../store/store.ts';
import styles from './ThenAndNow.module.css';

/** Rollouts drawn of each batch: enough to see a habit, few enough for a phone. */
const drawn = 32;

/** Two whole batches as strips, the first and a later one to be moved: what the updates did to the habit. */
export function ThenAndNow() {
  const recorded = useApp((state) => state.recorded);
  const [moved, setMoved] = useState<number>();
  if (recorded.status === 'missing') return null;
  if (recorded.status !== 'ready') return <section className={styles.awaited} aria-busy="true" />;
  const { run, shown } = recorded;
  const first = run.groups[0];
  if (first === undefined || run.groups.length < 2) return null;
  // Until it is moved, the later batch is the one that the recorded run has come to.
  const played = run.steps[shown - 1]?.step ?? 0;
  const reached = Math.max(
    0,
    run.groups.findLastIndex((update) => update.step <= played),
  );
  const at = moved ?? reached;
  const later = run.groups[at] ?? first;
  const scale = Math.max(
    ...run.groups.flatMap((update) => tracesOf(update).map((trace) => trace.tokens.ids.length)),
  );
  return (
    <section className={styles.section} aria-labelledby="then-and-now">
      <h2 id="then-and-now">
        What it does, then and now <RecordedTag command={run.command} seed={run.recipe.seed} />
      </h2>
      <p className={styles.about}>
        A strip is one rollout: its length is its tokens, its colours what it did.{' '}
        <a href={hrefTo('/train')}>Open any of them under Train</a>.
      </p>
      <StripLegend />
      <div className={styles.two}>
        <Batch update={first} scale={scale}>
          <b>Update {first.step}</b>
        </Batch>
        <Batch update={later} scale={scale}>
          <b>Update {later.step}</b>
          <StepSlider
            label="Update on the right"
            count={run.groups.length}
            at={at}
            words={`update ${later.step} of ${run.steps.length}`}
            onMove={setMoved}
          />
        </Batch>
      </div>
    </section>
  );
}

const tracesOf = (update: KeptUpdate) => update.groups.flatMap((group) => group.traces).slice(0, drawn);

interface BatchProps {
  readonly update: KeptUpdate;
  readonly scale: number;
  readonly children: ReactNode;
}

function Batch({ update, scale, children }: BatchProps) {
  const traces = tracesOf(update);
  const right = traces.filter((trace) => trace.reward?.em === 1).length;
  const searches = traces.reduce((sum, trace) => sum + trace.searches.length, 0) / traces.length;
  return (
    <Figure
      name={`rollouts-of-update-${update.step}`}
      caption={
        <>
          <span className={styles.head}>{children}</span>
          <span>
            {right} of these {traces.length} right, {fixed(searches, 1)} searches each
          </span>
        </>
      }
      table={() => ({
        columns: ['rollout', 'question', 'tokens', 'searches', 'reward', 'em'],
        rows: traces.map((trace) => [
          trace.id,
          trace.question.text,
          trace.tokens.ids.length,
          trace.searches.length,
          trace.reward?.value ?? null,
          trace.reward?.em ?? null,
        ]),
      })}
    >
      <div className={styles.strips}>
        {traces.map((trace) => (
          <Strip key={trace.id} trace={trace} scale={scale} />
        ))}
      </div>
    </Figure>
  );
}
