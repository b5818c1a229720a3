import { ToggleGroup } from 'radix-ui';
import { memo } from 'react';
import { detectors } from '../../traces/behaviours.ts';
import { behaviourNames, type Behaviour } from '../../traces/trace.ts';
import { percent } from '../components/format.ts';
import type { RunView } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { ShareChart } from './ShareChart.tsx';
import { courseOf, titleOf } from './shares.ts';
import styles from './Cards.module.css';

/** All behaviours at a glance, one of them chosen; arrow keys go from one to the next. */
export const Cards = memo(function Cards({ run, name }: { readonly run: RunView; readonly name: Behaviour }) {
  const setView = useApp((state) => state.setView);
  return (
    <ToggleGroup.Root
      type="single"
      className={styles.cards}
      aria-label="Behaviour"
      value={name}
      onValueChange={(chosen) => {
        const behaviour = behaviourNames.find((candidate) => candidate === chosen);
        if (behaviour !== undefined) setView({ behaviour, open: undefined });
      }}
    >
      {behaviourNames.map((behaviour) => (
        <Card key={behaviour} run={run} name={behaviour} />
      ))}
    </ToggleGroup.Root>
  );
});

function Card({ run, name }: { readonly run: RunView; readonly name: Behaviour }) {
  const { kind, definition } = detectors[name];
  const course = courseOf(run, name);
  const first = course.shares[0];
  const last = course.shares.at(-1);
  const words = last === undefined ? 'not counted' : percent(last);
  const from = first === undefined || course.shares.length < 2 ? '' : `from ${percent(first)}`;
  return (
    <ToggleGroup.Item
      value={name}
      className={styles.card}
      title={definition}
      aria-label={`${titleOf(name)}, a ${kind}: ${words} ${from}`.trim()}
    >
      <span className={styles.name}>
        {titleOf(name)} <em>{kind}</em>
      </span>
      <span className={styles.number}>
        {words} <small>{from}</small>
      </span>
      <ShareChart course={course} kind={kind} />
    </ToggleGroup.Item>
  );
}
