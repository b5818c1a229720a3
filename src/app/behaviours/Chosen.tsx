import { detectors } from '../../traces/behaviours.ts';
import type { Behaviour } from '../../traces/trace.ts';
import { Figure } from '../components/figure/Figure.tsx';
import { percent } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import { StepSlider } from '../components/StepSlider.tsx';
import type { KeptUpdate } from '../store/labState.ts';
import type { RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { ShareChart } from './ShareChart.tsx';
import { courseOf, titleOf } from './shares.ts';
import { showing } from './showing.ts';
import styles from './Chosen.module.css';

interface ChosenProps {
  readonly run: RunView;
  readonly update: KeptUpdate | undefined;
  readonly name: Behaviour;
}

/** One behaviour: its words, and its curve to pick an update from. */
export function Chosen({ run, update, name }: ChosenProps) {
  const setView = useApp((state) => state.setView);
  const { kind, definition, lookFor, needs } = detectors[name];
  const course = courseOf(run, name);
  const { kept } = run;
  const at = kept.findIndex(({ step }) => step === update?.step);
  const show = (index: number, opens: boolean): void => {
    const picked = kept[index];
    if (picked === undefined) return;
    const first = showing(picked, name)[0];
    setView({
      step: index === kept.length - 1 ? undefined : picked.step,
      open: opens && first !== undefined ? { group: first.group.group, rollout: first.rollout } : undefined,
    });
  };
  const first = course.shares[0];
  const last = course.shares.at(-1);
  return (
    <section className={styles.chosen} aria-labelledby="chosen-behaviour">
      <div className={styles.words}>
        <h2 id="chosen-behaviour">{titleOf(name)}</h2>
        <p className={styles.definition}>{definition}</p>
        <p>
          <b>Look for.</b> {lookFor}
        </p>
        {needs !== undefined && (
          <p className={styles.hint}>
            Told only where the {needs === 'golds' ? 'right answer is' : 'gold pages are'} known.
          </p>
        )}
      </div>
      <div className={styles.figure}>
        {first === undefined || last === undefined ? (
          <p className={styles.hint}>No update yet.</p>
        ) : (
          <Figure
            name={name.replaceAll(' ', '-')}
            caption={
              <p className={styles.caption}>
                <Term name="share">Share of rollouts</Term> <b>{percent(last)}</b>, from {percent(first)}
              </p>
            }
            table={() => ({
              columns: ['update', `${name}, share of rollouts`],
              rows: course.steps.map((step, i) => [step, course.shares[i] ?? null]),
            })}
          >
            <ShareChart
              course={course}
              kind={kind}
              size="figure"
              label={`${titleOf(name)} over updates ${course.steps[0] ?? 0} to ${course.steps.at(-1) ?? 0}: from ${percent(first)} to ${percent(last)} of rollouts`}
              kept={kept.map(({ step }) => step)}
              at={update?.step}
              onPick={(step) =>
                show(
                  kept.findIndex((candidate) => candidate.step === step),
                  true,
                )
              }
            />
          </Figure>
        )}
        {update !== undefined && kept.length > 1 && (
          <div className={styles.slider}>
            <StepSlider
              label="Update shown"
              count={kept.length}
              at={at}
              words={`update ${update.step} of ${course.total}`}
              onMove={(index) => show(index, false)}
            />
            <span>update {update.step}</span>
          </div>
        )}
        {course.of === 'kept' && kept.length > 0 && (
          <p className={styles.hint}>
            This run was recorded before behaviours were counted: shares of the rollouts kept, not of all.
          </p>
        )}
        {kept.length > 0 && (
          <p className={styles.hint}>
            A dot is an update whose rollouts can be read
            {run.source === 'recorded' && ': of the recording, the groups whose rewards differ most'}.
          </p>
        )}
      </div>
    </section>
  );
}
