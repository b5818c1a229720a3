import { haveNoSpread } from '../advantage.ts';
import { grpo } from './grpo.ts';
import type { Variant } from './variant.ts';

/**
 * DAPO (Yu et al., arXiv 2503.14476; verl's recipe/dapo, TRL's loss_type `dapo`): GRPO with four changes.
 *
 *   clip-higher (§3.1): low 0.2, high 0.28
 *   dynamic sampling (§3.2, Eq. 11): groups of equal rewards are replaced, here up to `grpo.redraws` times; those that
 *     still have no spread are left out of the mean
 *   token mean (§3.3, Eq. 12): as in `grpo`
 *   overlong shaping (§3.4, Eq. 13): `reward.overlong`; 4096 of 20480 tokens in the paper, a fifth
 */
export const dapo: Variant = {
  ...grpo,
  label: 'DAPO',
  about:
    'Clips high ratios later, draws groups without spread again, and punishes the last fifth of the length.',
  leavesOut: (_advantage, { rewards }) => haveNoSpread(rewards),
  numbers: { grpo: { clipLow: 0.2, clipHigh: 0.28, redraws: 3 }, reward: { overlong: 0.2 } },
};
