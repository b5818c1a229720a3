import { useMemo } from 'react';
import { counted, fixed, percent } from '../components/format.ts';
import { mainMetrics, moreMetrics, type Metric } from '../components/metrics.ts';
import { overlayLook, overlaysOf } from '../store/overlays.ts';
import { mainScores, type RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { Curve } from './Curve.tsx';
import styles from './Curves.module.css';

/** The learning curves: four that always stand, and those a visitor adds. */
export function Curves({ run }: { readonly run: RunView }) {
  const chosen = useApp((state) => state.curves);
  const shown = useApp((state) => state.step);
  const setView = useApp((state) => state.setView);
  const [main, ...small] = mainMetrics;
  const added = moreMetrics.filter((metric) => chosen.includes(metric.id));
  const steps = useMemo(() => run.steps.map((row) => row.step), [run.steps]);
  const recorded = useApp((state) => state.recorded);
  const runs = useApp((state) => state.runs);
  const zoom = useApp((state) => state.zoom);
  const overlays = useMemo(() => overlaysOf({ runs, recorded }, run.source), [runs, recorded, run.source]);
  const total = Math.max(
    run.recipe.grpo.steps,
    steps.at(-1) ?? 0,
    ...overlays.map((overlay) => overlay.steps.at(-1)?.step ?? 0),
  );
  const [from, to] = zoom ?? [0, total];
  const onZoom = (updates: readonly [number, number] | undefined): void => setView({ zoom: updates });
  const dots = useMemo(
    () =>
      run.evaluations.flatMap(({ step, scores }) => {
        const value = mainScores(scores)?.em;
        return value === undefined ? [] : [{ step, value }];
      }),
    [run.evaluations],
  );
  const pick = (step: number): void => setView({ step: step === steps.at(-1) ? undefined : step });
  const draw = (metric: Metric) => (
    <Curve
      key={metric.id}
      metric={metric}
      steps={steps}
      values={run.steps.map(metric.of)}
      from={from}
      to={to}
      overlays={overlays}
      onZoom={onZoom}
      shown={shown}
      onPick={pick}
      {...besideOf(metric, run)}
    />
  );
  return (
    <section aria-label="Learning curves">
      <div className={styles.curves}>
        <Curve
          metric={main}
          steps={steps}
          values={run.steps.map(main.of)}
          dots={dots}
          from={from}
          to={to}
          overlays={overlays}
          onZoom={onZoom}
          shown={shown}
          onPick={pick}
          big
          {...headlineOf(run)}
        />
        {small.map(draw)}
        {added.map(draw)}
      </div>
      <div className={styles.more} data-dial="">
        <span>
          Updates{' '}
          <Bound
            label="First update shown"
            value={from}
            onChange={(value) => value < to && setView({ zoom: [value, to] })}
          />{' '}
          to{' '}
          <Bound
            label="Last update shown"
            value={to}
            onChange={(value) => value > from && setView({ zoom: [from, value] })}
          />
        </span>
        {zoom === undefined ? (
          <span>draw over a curve to look closer</span>
        ) : (
          <button type="button" onClick={() => onZoom(undefined)}>
            Whole run
          </button>
        )}
        {overlays.map((overlay, i) => (
          <span key={overlay.id}>
            <svg width="28" height="8" aria-hidden="true">
              <line
                x1="0"
                x2="28"
                y1="4"
                y2="4"
                stroke={`var(${overlayLook(i).colour})`}
                strokeWidth="2"
                strokeDasharray={overlayLook(i).dash.join(' ')}
              />
            </svg>{' '}
            {overlay.name}
          </span>
        ))}
      </div>
      <div className={styles.more} data-dial="" role="group" aria-label="More curves">
        <span>More curves</span>
        {moreMetrics.map((metric) => (
          <button
            key={metric.id}
            type="button"
            title={metric.about}
            aria-pressed={chosen.includes(metric.id)}
            onClick={() =>
              setView({
                curves: chosen.includes(metric.id)
                  ? chosen.filter((id) => id !== metric.id)
                  : [...chosen, metric.id],
              })
            }
          >
            {metric.label}
          </button>
        ))}
      </div>
    </section>
  );
}

interface BoundProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** One end of the stretch of updates that the curves show. */
function Bound({ label, value, onChange }: BoundProps) {
  return (
    <input
      type="number"
      className={styles.bound}
      aria-label={label}
      min={0}
      step={1}
      value={value}
      onChange={(event) => {
        const typed = event.target.valueAsNumber;
        if (Number.isInteger(typed) && typed >= 0) onChange(typed);
      }}
    />
  );
}

/** Greedy answers on the unseen world are the point, once both ends are measured; until then the batch's. */
function headlineOf(run: RunView): Partial<Record<'headline' | 'beside' | 'note', string>> {
  const before = scoresOf(run, 'before');
  const last = mainScores(run.evaluations.findLast(({ when }) => when !== 'before')?.scores ?? {});
  const note =
    run.recipe.evaluation.questions > 0
      ? 'line: batches, sampled · dots: unseen, greedy'
      : 'batches, sampled';
  if (before !== undefined && last !== undefined) {
    const asked = counted(last.n, 'unseen question', 'unseen questions');
    return {
      headline: percent(last.em),
      beside: `from ${percent(before.em)} at the start; ${asked}, greedy`,
      note,
    };
  }
  return { note };
}

function besideOf(metric: Metric, run: RunView): { readonly beside?: string } {
  const first = run.steps[0];
  if (first === undefined || run.steps.length < 2) return {};
  const start = metric.of(first);
  return {
    beside: `${metric.unit}, from ${metric.id === 'searches' ? fixed(start, 1) : metric.write(start)}`,
  };
}

const scoresOf = (run: RunView, when: 'before' | 'after') =>
  mainScores(run.evaluations.find((evaluation) => evaluation.when === when)?.scores ?? {});
