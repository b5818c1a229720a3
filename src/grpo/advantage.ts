/** Added to the standard deviation (verl's core_algos.py). */
const EPSILON = 1e-6;
/** Added to the variance of a batch (`masked_whiten` of verl's torch_functional.py). */
const WHITEN_EPSILON = 1e-8;

export interface GroupAdvantages {
  readonly mean: number;
  /** Unbiased (n − 1). */
  readonly std: number;
  readonly advantages: readonly number[];
  /** All rewards equal: the group teaches nothing. */
  readonly zeroSpread: boolean;
}

/** What one group earned. */
export interface RewardedGroup {
  readonly rewards: readonly number[];
  /** Tokens of the loss of each rollout. */
  readonly tokens: readonly number[];
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
  if (haveNoSpread(rewards)) return { mean, std: 0, advantages: rewards.map(() => 0), zeroSpread: true };
  const std = Math.sqrt(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / (n - 1));
  const scale = divideByStd ? 1 / (std + EPSILON) : 1;
  return { mean, std, advantages: rewards.map((reward) => (reward - mean) * scale), zeroSpread: false };
}

/** All rewards are the same. */
export const haveNoSpread = (rewards: readonly number[]): boolean =>
  rewards.every((reward) => reward === rewards[0]);

/**
 * Each reward less the mean of the others': G/(G − 1)·(r − mean). Unbiased, since a rollout is not in its own
 * baseline (Kool et al. 2019; RLOO, arXiv 2402.14740).
 */
export function leaveOneOut(rewards: readonly number[]): readonly number[] {
  const { advantages } = groupAdvantages(rewards, false);
  const scale = rewards.length / (rewards.length - 1);
  return advantages.map((advantage) => advantage * scale);
}

/**
 * Values of a batch less their mean, by their unbiased deviation; every value counts once for each token it stands
 * for (verl's `masked_whiten`). Equal values give exactly 0.
 */
export function whitened(values: readonly number[], tokens: readonly number[]): readonly number[] {
  if (haveNoSpread(values)) return values.map(() => 0);
  const count = tokens.reduce((sum, n) => sum + n, 0);
  const mean = values.reduce((sum, value, i) => sum + value * (tokens[i] ?? 0), 0) / count;
  const squares = values.reduce((sum, value, i) => sum + (value - mean) ** 2 * (tokens[i] ?? 0), 0);
  const scale = 1 / Math.sqrt(squares / (count - 1) + WHITEN_EPSILON);
  return values.map((value) => (value - mean) * scale);
}

/** `whitened` over all rollouts of a batch, cut back into its groups. `valuesOf` gives a group's values. */
export function whitenedGroups(
  groups: readonly RewardedGroup[],
  valuesOf: (rewards: readonly number[]) => readonly number[],
): readonly (readonly number[])[] {
  const flat = whitened(
    groups.flatMap(({ rewards }) => valuesOf(rewards)),
    groups.flatMap(({ tokens }) => tokens),
  );
  let from = 0;
  return groups.map(({ rewards }) => flat.slice(from, (from += rewards.length)));
}
