import { leaveOneOut } from '../advantage.ts';
import { grpo } from './grpo.ts';
import type { Variant } from './variant.ts';

/** Rollouts whose advantage is smaller are dropped (`abs_adv_threshold`). */
const LEAST_ADVANTAGE = 0.01;
/** `ppo_epsilon`: ratios are held between 1/(1 + ε) and 1 + ε. */
const EPSILON = 0.1;

/**
 * LOOP (Chen et al., arXiv 2502.01600, Alg. 1; apple/ml-loop, phi_agents/rl/train.py `_ppo_loss`, `_filter_rollouts`,
 * conf/rl/params/default.yaml): PPO with RLOO's baseline and no value network, two passes over each batch:
 *
 *   A = r − mean of the others' r;  rollouts with |A| < 0.01 are left out
 *   loss = mean over rollouts of the mean over its tokens of max(−A·ρ, −A·clip(ρ, 1/(1+ε), 1+ε)),  ε = 0.1.
 */
export const loop: Variant = {
  ...grpo,
  label: 'LOOP',
  about:
    'Each reward against the mean of the others, two passes over each batch, ratios held within a tenth.',
  baseline: 'others',
  mayDivideByStd: false,
  advantages: (groups) => groups.map(({ rewards }) => leaveOneOut(rewards)),
  leavesOut: (advantage) => Math.abs(advantage) < LEAST_ADVANTAGE,
  weighing: 'rollouts',
  numbers: {
    grpo: { clipLow: 1 - 1 / (1 + EPSILON), clipHigh: EPSILON, divideByStd: false, epochs: 2 },
  },
};
