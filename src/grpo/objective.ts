import { logRatios } from './ratio.ts';
import { lldsPenalty } from './variants/llds.ts';
import type { ObjectiveRules } from './variants/variant.ts';

/** k3 is kept within ±10 a token (verl's `low_var_kl`); it is never negative, so only the upper bound matters. */
const KL_LIMIT = 10;

export interface ObjectiveOptions {
  /** Ratios below 1 − clipLow or above 1 + clipHigh earn nothing more. */
  readonly clipLow: number;
  readonly clipHigh: number;
  /** Weight of the k3 KL against the reference policy. */
  readonly klWeight: number;
  readonly entropyWeight: number;
  /** Weight of LLDS's resistance to losing what went well (variants/llds.ts). */
  readonly lldsWeight: number;
}

/** Parallel arrays over tokens of a minibatch, or of a part of it that holds whole rollouts. */
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
  /** Number of each token's rollout; needed where ratios are of rollouts. One rollout's tokens stand side by side. */
  readonly rollouts?: ArrayLike<number>;
  /** Number of each token's action, likewise; needed when `lldsWeight` is not 0. */
  readonly actions?: ArrayLike<number>;
  /** False leaves a token out of everything. Default: all count. */
  readonly mask?: ArrayLike<boolean>;
  /** Share of the minibatch's loss of each token (tokenWeight.ts). Default: the mean over those not masked here. */
  readonly weights?: ArrayLike<number>;
}

export interface ObjectiveOutput {
  /** This part's share of the minibatch's loss. */
  readonly loss: number;
  /** dLoss/dlogprob and dLoss/dentropy, 0 where masked. */
  readonly dLogprob: Float64Array;
  readonly dEntropy: Float64Array;
  /** Each token's ratio, or its rollout's where ratios are of rollouts. */
  readonly ratios: Float64Array;
  readonly clipped: readonly boolean[];
  /** Each token's loss before its weight. */
  readonly tokenLosses: Float64Array;
  /** k3 estimates, 0 without a reference. */
  readonly kls: Float64Array;
  /** Tokens that count, and over them: how many are clipped, and sums of KL. */
  readonly tokens: number;
  readonly clippedTokens: number;
  readonly klSum: number;
}

/**
 * The objective of all variants (src/grpo/variants; core_algos.py of the paper's trainer for `grpo`):
 *
 *   ρ = exp(logπ − logπ_old), a token's or its rollout's
 *   policy = max(−A·ρ, −A·clip(ρ, 1−low, 1+high)),  or with the ratio as a weight  −sg[clip(ρ, …)]·A·logπ
 *   loss = Σ weight · (policy + klWeight·min(k3, 10) − entropyWeight·H + lldsWeight·llds),
 *   k3 = exp(logπ_ref − logπ) − (logπ_ref − logπ) − 1.
 */
export function grpoObjective(
  input: ObjectiveInput,
  options: ObjectiveOptions,
  rules: ObjectiveRules,
): ObjectiveOutput {
  const { logprobs, oldLogprobs, advantages, entropies, refLogprobs, rollouts, actions, mask } = input;
  const { clipLow, clipHigh, klWeight, entropyWeight, lldsWeight } = options;
  const n = logprobs.length;
  checkLength('oldLogprobs', oldLogprobs, n);
  checkLength('advantages', advantages, n);
  if (mask !== undefined) checkLength('mask', mask, n);
  if (entropyWeight !== 0) checkLength('entropies', entropies, n);
  if (klWeight !== 0) checkLength('refLogprobs', refLogprobs, n);
  if (rules.ratio !== 'token') checkLength('rollouts', rollouts, n);
  if (lldsWeight !== 0) checkLength('actions', actions, n);

  const counted = (i: number): boolean => mask === undefined || mask[i] === true;
  let tokens = 0;
  for (let i = 0; i < n; i++) if (counted(i)) tokens++;
  const { logs, reach } = logRatios(rules.ratio, logprobs, oldLogprobs, rollouts ?? [], counted);
  const llds =
    lldsWeight === 0 || actions === undefined
      ? undefined
      : lldsPenalty({ logprobs, oldLogprobs, advantages, actions, counted });

  const dLogprob = new Float64Array(n);
  const dEntropy = new Float64Array(n);
  const ratios = new Float64Array(n);
  const kls = new Float64Array(n);
  const tokenLosses = new Float64Array(n);
  const clipped = new Array<boolean>(n).fill(false);
  let loss = 0;
  let clippedTokens = 0;
  let klSum = 0;
  for (let i = 0; i < n; i++) {
    if (!counted(i)) continue;
    const logprob = logprobs[i] ?? NaN;
    const advantage = advantages[i] ?? NaN;
    const weight = input.weights === undefined ? 1 / tokens : (input.weights[i] ?? NaN);

    const ratio = Math.exp(logs[i] ?? NaN);
    const within = Math.min(Math.max(ratio, 1 - clipLow), 1 + clipHigh);
    let isClipped: boolean;
    let tokenLoss: number;
    let gradient: number;
    if (rules.surrogate === 'clipped ratio') {
      const free = -advantage * ratio;
      const bounded = -advantage * within;
      isClipped = bounded > free;
      tokenLoss = isClipped ? bounded : free;
      // d(−Aρ)/dlogπ = −Aρ; a clipped token is constant.
      gradient = isClipped ? 0 : free * (reach[i] ?? NaN);
    } else {
      isClipped = within !== ratio;
      tokenLoss = -within * advantage * logprob;
      gradient = -within * advantage;
    }

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
    if (llds !== undefined) {
      const penalty = llds[i] ?? NaN;
      tokenLoss += lldsWeight * penalty;
      if (penalty > 0) gradient -= lldsWeight;
    }

    ratios[i] = ratio;
    clipped[i] = isClipped;
    if (isClipped) clippedTokens++;
    dLogprob[i] = gradient * weight;
    tokenLosses[i] = tokenLoss;
    loss += tokenLoss * weight;
  }
  return { loss, dLogprob, dEntropy, ratios, clipped, tokenLosses, kls, tokens, clippedTokens, klSum };
}

function checkLength(name: string, values: ArrayLike<unknown> | undefined, n: number): void {
  if (values?.length === n) return;
  throw new Error(`Objective: ${name} has ${values?.length ?? 'no'} entries for ${n} logprobs.`);
}
