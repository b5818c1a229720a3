import { grpo } from './grpo.ts';
import type { Variant } from './variant.ts';

/**
 * CISPO (MiniMax-M1, arXiv 2506.13585, Eq. 4–5; TRL's loss_type `cispo`, verl's compute_policy_loss_cispo): the ratio is
 * a weight outside the gradient, and the weight is clipped, so that no token stops teaching:
 *
 *   loss = mean over tokens of −sg[clip(ρ, 1−low, 1+high)]·A·logπ.
 *
 * Only the upper bound acts, as in the paper and TRL: low is 1, high 4 (ScaleRL's 5 as TRL writes it, arXiv 2510.13786).
 */
export const cispo: Variant = {
  ...grpo,
  label: 'CISPO',
  about: 'Clips how much a token weighs instead of stopping it: rare turning words keep teaching.',
  surrogate: 'clipped weight',
  numbers: { grpo: { clipLow: 1, clipHigh: 4 } },
};
