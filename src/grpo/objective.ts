/** k3 is kept within ±10 a token (verl's `low_var_kl`); it is never negative, so only the upper bound matters. */
const KL_LIMIT = 10;

export interface ObjectiveOptions {
  /** Ratios below 1 − clipLow or above 1 + clipHigh earn nothing more. */
  readonly clipLow: number;
  readonly clipHigh: number;
  /** Weight of the k3 KL against the reference policy. */
  readonly klWeight: number;
  readonly entropyWeight: number;
}

/** Parallel arrays over tokens of a minibatch, or of a part of it. */
export interface ObjectiveInput {
  /** log π_θ. */
  readonly logprobs: ArrayLike<number>;
  /** log π_old: under the policy that sampled. */
  readonly oldLogprobs: ArrayLike<number>;
  readonly advantages: ArrayLike<number>;
  /** Entropy of π_θ in nats; needed when `entropyWeight` is not 0. */
  readonly entropies?: ArrayLike<number>;
  /** log π_ref; needed when `klWeight` is not 0. */
  readonly refLogprobs?: ArrayLike<number>;
  /** False leaves a token out of everything. Default: all count. */
  readonly mask?: ArrayLike<boolean>;
  /** Tokens the mean is over; default those not masked here. Give the whole minibatch's when this is a part. */
  readonly tokenCount?: number;
}

export interface ObjectiveOutput {
  /** This part's share of the minibatch's loss. */
  readonly loss: number;
  /** dLoss/dlogprob and dLoss/dentropy, 0 where masked. */
  readonly dLogprob: Float64Array;
  readonly dEntropy: Float64Array;
  readonly ratios: Float64Array;
  readonly clipped: readonly boolean[];
  /** k3 estimates, 0 without a reference. */
  readonly kls: Float64Array;
  /** Tokens that count, and over them: how many are clipped, and sums of KL. */
  readonly tokens: number;
  readonly clippedTokens: number;
  readonly klSum: number;
}

/**
 * The paper's objective as its code computes it (compute_policy_loss, kl_penalty of core_algos.py), as a token mean:
 *
 *   ρ = exp(logπ − logπ_old)
 *   loss = mean over tokens of  max(−A·ρ, −A·clip(ρ, 1−low, 1+high))
 *                               + klWeight · min(k3, 10) − entropyWeight · H,
 *   k3 = exp(logπ_ref − logπ) − (logπ_ref − logπ) − 1.
 */
export function grpoObjective(input: ObjectiveInput, options: ObjectiveOptions): ObjectiveOutput {
  const { logprobs, oldLogprobs, advantages, entropies, refLogprobs, mask } = input;
  const { clipLow, clipHigh, klWeight, entropyWeight } = options;
  const n = logprobs.length;
  checkLength('oldLogprobs', oldLogprobs, n);
  checkLength('advantages', advantages, n);
  if (mask !== undefined) checkLength('mask', mask, n);
  if (entropyWeight !== 0) checkLength('entropies', entropies, n);
  if (klWeight !== 0) checkLength('refLogprobs', refLogprobs, n);

  const counted = (i: number): boolean => mask === undefined || mask[i] === true;
  let tokens = 0;
  for (let i = 0; i < n; i++) if (counted(i)) tokens++;
  const weight = 1 / (input.tokenCount ?? tokens);

  const dLogprob = new Float64Array(n);
  const dEntropy = new Float64Array(n);
  const ratios = new Float64Array(n);
  const kls = new Float64Array(n);
  const clipped = new Array<boolean>(n).fill(false);
  let loss = 0;
  let clippedTokens = 0;
  let klSum = 0;
  for (let i = 0; i < n; i++) {
    if (!counted(i)) continue;
    const logprob = logprobs[i] ?? NaN;
    const advantage = advantages[i] ?? NaN;

    const ratio = Math.exp(logprob - (oldLogprobs[i] ?? NaN));
    const free = -advantage * ratio;
    const bounded = -advantage * Math.min(Math.max(ratio, 1 - clipLow), 1 + clipHigh);
    const isClipped = bounded > free;
    let tokenLoss = isClipped ? bounded : free;
    // d(−Aρ)/dlogπ = −Aρ; a clipped token is constant.
    let gradient = isClipped ? 0 : free;

    if (refLogprobs !== undefined) {
      const gap = (refLogprobs[i] ?? NaN) - logprob;
      const k3 = Math.exp(gap) - gap - 1;
      const kl = Math.min(k3, KL_LIMIT);
      kls[i] = kl;
      klSum += kl;
      tokenLoss += klWeight * kl;
      if (k3 <= KL_LIMIT) gradient += klWeight * (1 - Math.exp(gap));
    }
    if (entropyWeight !== 0) {
      tokenLoss -= entropyWeight * (entropies?.[i] ?? NaN);
      dEntropy[i] = -entropyWeight * weight;
    }

    ratios[i] = ratio;
    clipped[i] = isClipped;
    if (isClipped) clippedTokens++;
    dLogprob[i] = gradient * weight;
    loss += tokenLoss * weight;
  }
  return { loss, dLogprob, dEntropy, ratios, clipped, kls, tokens, clippedTokens, klSum };
}

function checkLength(name: string, values: ArrayLike<unknown> | undefined, n: number): void {
  if (values?.length === n) return;
  throw new Error(`Objective: ${name} has ${values?.length ?? 'no'} entries for ${n} logprobs.`);
}
