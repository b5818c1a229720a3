import { groupAdvantages } from '../advantage.ts';
import type { Variant } from './variant.ts';

/**
 * GRPO as ReSearch's code runs it (Agent-RL/ReCall, branch re-search, verl/trainer/ppo/core_algos.py:
 * compute_grpo_outcome_advantage, compute_policy_loss; paper App. B, Eq. 1):
 *
 *   A = (r − mean_group)/(std_group + 1e-6)
 *   loss = mean over the tokens of the minibatch of max(−A·ρ, −A·clip(ρ, 1−low, 1+high)),  ρ = π(token)/π_old(token).
 *
 * The paper's equation, like DeepSeekMath's (arXiv 2402.03300, Eq. 3), means over each rollout first; its code does
 * not. TRL calls this loss `bnpo`.
 */
export const grpo: Variant = {
  label: 'GRPO',
  about: 'The paper’s: each reward against its group’s mean and spread, each token’s ratio clipped.',
  baseline: 'group',
  mayDivideByStd: true,
  advantages: (groups, divideByStd) =>
    groups.map(({ rewards }) => groupAdvantages(rewards, divideByStd).advantages),
  ratio: 'token',
  surrogate: 'clipped ratio',
  weighing: 'tokens',
  numbers: {},
};
