/** Added to the standard deviation (verl's core_algos.py). */
const EPSILON = 1e-6;

export interface GroupAdvantages {
  readonly mean: number;
  /** Unbiased (n − 1). */
  readonly std: number;
  readonly advantages: readonly number[];
  /** All rewards equal: the group teaches nothing. */
  readonly zeroSpread: boolean;
}

/**
 * Advantages of one group's rollouts: (r − mean)/(std + 1e-6), as in the paper's code, or r − mean without the
 * division (Dr. GRPO). Equal rewards give exactly 0 for all, never the rounding error of the mean blown up.
 * @throws if the group has fewer than two rollouts
 */
export function groupAdvantages(rewards: readonly number[], divideByStd: boolean): GroupAdvantages {
  const n = rewards.length;
  if (n < 2)
    throw new Error(`A group of ${n} rollout has no spread to learn from; use at least 2 (groupSize).`);
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / n;
  if (rewards.every((reward) => reward === rewards[0])) {
    return { mean, std: 0, advantages: rewards.map(() => 0), zeroSpread: true };
  }
  const std = Math.sqrt(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / (n - 1));
  const scale = divideByStd ? 1 / (std + EPSILON) : 1;
  return { mean, std, advantages: rewards.map((reward) => (reward - mean) * scale), zeroSpread: false };
}
