import { grpo } from './grpo.ts';
import type { Variant } from './variant.ts';

/**
 * GSPO (Zheng et al., arXiv 2507.18071, Eq. 5–7, §5.1; TRL's importance_sampling_level `sequence`, verl's
 * compute_policy_loss_gspo): one ratio a rollout, the geometric mean of its tokens',
 *
 *   s = exp(mean over the rollout's tokens of logπ − logπ_old)
 *   loss = mean over rollouts of max(−A·s, −A·clip(s, 1−3e-4, 1+4e-4)).
 */
export const gspo: Variant = {
  ...grpo,
  label: 'GSPO',
  about: 'One ratio for a whole rollout, clipped very narrowly; every rollout weighs the same.',
  ratio: 'rollout mean',
  weighing: 'rollouts',
  numbers: { grpo: { clipLow: 3e-4, clipHigh: 4e-4 } },
};
