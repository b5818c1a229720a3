import { fixed, percent } from '../components/format.ts';
import type { RunView } from '../store/runView.ts';
import { courseOf } from './shares.ts';
import styles from './BehavioursView.module.css';

/** What the run did to the ways of the policy, in one sentence: its first update beside its last. */
export function Story({ run }: { readonly run: RunView }) {
  const first = run.steps[0];
  const last = run.steps.at(-1);
  if (first === undefined || last === undefined || run.steps.length < 2)
    return <p className={styles.story} />;
  const bridge = endsOf(run, 'bridge found');
  const correction = endsOf(run, 'self-correction');
  return (
    <p className={styles.story} data-going={last.step < run.recipe.grpo.steps}>
      It searches <b>{fixed(last.searches, 1)}</b> times a rollout, from {fixed(first.searches, 1)} in the
      first update. In <b>{bridge.last}</b> of rollouts it follows a name it read to the next page, from{' '}
      {bridge.first}; in <b>{correction.last}</b> it corrects itself, from {correction.first}.
    </p>
  );
}

function endsOf(run: RunView, name: 'bridge found' | 'self-correction') {
  const { shares } = courseOf(run, name);
  return { first: percent(shares[0] ?? 0), last: percent(shares.at(-1) ?? 0) };
}
