import { useEffect, useState } from 'react';
import { fixed, percent } from '../components/format.ts';
import { useApp } from '../store/store.ts';

/** Between two announcements, so that a fast run does not talk without end. */
const quietMilliseconds = 6000;

/** Tells screen readers how the live run goes, politely and not too often. */
export function Announcer() {
  const [said, setSaid] = useState('');
  useEffect(() => {
    let last = 0;
    return useApp.subscribe(({ lab }, before) => {
      if (lab.run !== before.lab.run && ['paused', 'done', 'failed'].includes(lab.run)) {
        setSaid(`The run is ${lab.run}.`);
        return;
      }
      const row = lab.steps.at(-1);
      if (row === undefined || lab.steps === before.lab.steps || Date.now() - last < quietMilliseconds)
        return;
      last = Date.now();
      const total = lab.recipe?.grpo.steps ?? row.step;
      setSaid(`Update ${row.step} of ${total}: reward ${fixed(row.reward)}, ${percent(row.em)} right.`);
    });
  }, []);
  return (
    <p className="visuallyHidden" role="status" aria-live="polite">
      {said}
    </p>
  );
}
