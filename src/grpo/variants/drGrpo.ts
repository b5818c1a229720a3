import { grpo } from './grpo.ts';
import type { Variant } from './variant.ts';

/**
 * Dr. GRPO (Liu et al., arXiv 2503.20783, §3.2; TRL's loss_type `dr_grpo`): GRPO without its two divisions.
 *
 *   A = r − mean_group
 *   loss = Σ over tokens / (rollouts · most response tokens)
 *
 * so that neither easy and hard questions nor short and long rollouts are weighed up.
 */
export const drGrpo: Variant = {
  ...grpo,
  label: 'Dr. GRPO',
  about: 'Divides neither by the group’s spread nor by how long a rollout is: a constant length instead.',
  mayDivideByStd: false,
  weighing: 'length',
  numbers: { grpo: { divideByStd: false } },
};
