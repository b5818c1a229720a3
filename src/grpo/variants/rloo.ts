import { leaveOneOut } from '../advantage.ts';
import { grpo } from './grpo.ts';
import type { Variant } from './variant.ts';

/**
 * RLOO (Ahmadian et al., arXiv 2402.14740; TRL's RLOOTrainer): REINFORCE with the mean of the other rollouts as
 * its baseline, a whole rollout one action:
 *
 *   A = r − mean of the others' r
 *   loss = mean over rollouts of max(−A·P, −A·clip(P, 0.8, 1.2)),  P = Π π/π_old.
 *
 * With one optimiser step a batch this is the paper's plain −A·logπ(rollout); clip and ratio are TRL's, for more.
 */
export const rloo: Variant = {
  ...grpo,
  label: 'RLOO',
  about: 'Each reward against the mean of the others; a whole rollout is one action.',
  baseline: 'others',
  mayDivideByStd: false,
  advantages: (groups) => groups.map(({ rewards }) => leaveOneOut(rewards)),
  ratio: 'rollout product',
  weighing: 'rollouts',
  numbers: { grpo: { clipLow: 0.2, clipHigh: 0.2, divideByStd: false } },
};
