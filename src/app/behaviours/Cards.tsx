import { ToggleGroup } from 'radix-ui';
import { memo } from 'react';
import { detectors } from '../../traces/behaviours.ts';
import { behaviourNames, type Behaviour } from '../../traces/trace.ts';
import { percent } from '../components/format.ts';
import type { RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { ShareChart } from './ShareChart.tsx';
import { courseOf, titleOf, topOf, type Course } from './shares.ts';
import styles from './Cards.module.css';

const skills = behaviourNames.filter((name) => detectors[name].kind === 'skill');
const faults = behaviourNames.filter((name) => detectors[name].kind === 'fault');

/** All behaviours at a glance, skills large and faults in rows, one of them chosen; arrow keys go from one to the next. */
export const Cards = memo(function Cards({ run, name }: { readonly run: RunView; readonly name: Behaviour }) {
  const setView = useApp((state) => state.setView);
  const courses = faults.map((fault) => courseOf(run, fault));
  // One scale for all rows: how long a line is above the ground tells which fault is common.
  const top = topOf(Math.max(0, ...courses.flatMap(({ shares }) => shares)));
  return (
    <ToggleGroup.Root
      type="single"
      className={styles.all}
      aria-label="Behaviour"
      value={name}
      onValueChange={(chosen) => {
        const behaviour = behaviourNames.find((candidate) => candidate === chosen);
        if (behaviour !== undefined) setView({ behaviour, open: undefined });
      }}
    >
      <div className={styles.skills}>
        {skills.map((skill) => (
          <Choice key={skill} name={skill} course={courseOf(run, skill)} look="card" />
        ))}
      </div>
      <div className={styles.faults}>
        <p className={styles.head}>
          <b>Faults</b> <span>at first</span> <span>0 to {percent(top)}</span> <span>now</span>
        </p>
        {faults.map((fault, i) => {
          const course = courses[i];
          return course && <Choice key={fault} name={fault} course={{ ...course, top }} look="row" />;
        })}
      </div>
    </ToggleGroup.Root>
  );
});

interface ChoiceProps {
  readonly name: Behaviour;
  readonly course: Course;
  readonly look: 'card' | 'row';
}

function Choice({ name, course, look }: ChoiceProps) {
  const { kind, definition } = detectors[name];
  const first = course.shares[0];
  const last = course.shares.at(-1);
  const now = last !== undefined ? percent(last) : course.isNew ? '–' : 'not counted';
  const before = first === undefined || course.shares.length < 2 ? undefined : percent(first);
  return (
    <ToggleGroup.Item
      value={name}
      className={styles[look]}
      title={definition}
      aria-label={`${titleOf(name)}, a ${kind}: ${now}${before === undefined ? '' : ` from ${before}`}`}
    >
      <span className={styles.name}>{titleOf(name)}</span>
      {look === 'card' ? (
        <span className={styles.number}>
          {now} {before !== undefined && <small>from {before}</small>}
        </span>
      ) : (
        <>
          <span className={styles.before}>{before}</span>
          <span className={styles.now}>{now}</span>
        </>
      )}
      <span className={styles.chart}>
        <ShareChart course={course} kind={kind} size={look} />
      </span>
    </ToggleGroup.Item>
  );
}
