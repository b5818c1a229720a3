import { groupAdvantages, whitenedGroups } from '../advantage.ts';
import { reinforcePp } from './reinforcePp.ts';
import type { Variant } from './variant.ts';

/**
 * REINFORCE++-baseline (arXiv 2501.03262; verl's compute_reinforce_plus_plus_baseline_outcome_advantage): the group's
 * mean is taken away, the batch's spread divides:
 *
 *   d = r − mean_group;  A = (d − mean_batch(d))/√(var_batch(d) + 1e-8), every token counted.
 *
 * The batch's mean of d is not quite 0, for long rollouts count more; so a group of equal rewards is pushed a little.
 */
export const reinforcePpBaseline: Variant = {
  ...reinforcePp,
  label: 'REINFORCE++ baseline',
  about: 'Each reward against its group’s mean, and the spread of the whole batch.',
  baseline: 'group in batch',
  advantages: (groups) => whitenedGroups(groups, (rewards) => groupAdvantages(rewards, false).advantages),
};
