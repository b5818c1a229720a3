import { whitenedGroups } from '../advantage.ts';
import { grpo } from './grpo.ts';
import type { Variant } from './variant.ts';

/**
 * REINFORCE++ (Hu et al., arXiv 2501.03262; verl's compute_reinforce_plus_plus_outcome_advantage with γ = 1, OpenRLHF):
 * no group at all, the baseline is the batch:
 *
 *   A = (r − mean_batch)/√(var_batch + 1e-8), every token counted;  loss as in `grpo`, clip 0.2 both ways.
 *
 * The KL that the paper subtracts from the reward is here, as everywhere, a term of the loss (`grpo.klWeight`).
 */
export const reinforcePp: Variant = {
  ...grpo,
  label: 'REINFORCE++',
  about:
    'Each reward against the mean and spread of the whole batch: an easy question pushes every rollout up.',
  baseline: 'batch',
  mayDivideByStd: false,
  advantages: (groups) => whitenedGroups(groups, (rewards) => rewards),
  numbers: { grpo: { clipLow: 0.2, clipHigh: 0.2, divideByStd: false } },
};
