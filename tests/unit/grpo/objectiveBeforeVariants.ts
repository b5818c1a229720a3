import type { ObjectiveInput, ObjectiveOptions, ObjectiveOutput } from '../../../src/grpo/objective.ts';

const KL_LIMIT = 10;

type InputBefore = Omit<ObjectiveInput, 'weights' | 'rollouts' | 'actions'> & {
  readonly tokenCount?: number;
};

/** The objective as it was when GRPO was the only one. Kept as it stood: `grpo` must never come to differ from it. */
export function objectiveBeforeVariants(
  input: InputBefore,
  options: Omit<ObjectiveOptions, 'lldsWeight'>,
): Omit<ObjectiveOutput, 'tokenLosses'> {
  const { logprobs, oldLogprobs, advantages, entropies, refLogprobs, mask } = input;
  const { clipLow, clipHigh, klWeight, entropyWeight } = options;
  const n = logprobs.length;

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
