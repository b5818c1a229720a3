import { spansOf } from '../ratio.ts';
import { grpo } from './grpo.ts';
import type { Variant } from './variant.ts';

/**
 * LLDS (Deng et al., arXiv 2512.04220; the authors' LLDS-On-Group-Relative-Policy-Optimization-Collapse-in-Search-R1,
 * verl/workers/actor/dp_actor.py with `chunk_noreduce`): GRPO that keeps what went well as likely as it was. Its
 * weight, 0.2, is `grpo.lldsWeight`, and can be given to any variant. The term is 0 while the policy is the one that
 * sampled, so it needs several optimiser steps a batch (theirs has 512 questions in mini-batches of 256).
 */
export const llds: Variant = {
  ...grpo,
  label: 'GRPO + LLDS',
  about:
    'GRPO that resists when a turn of a rollout that did well becomes less likely: a remedy for collapse.',
  numbers: { grpo: { lldsWeight: 0.2, minibatches: 2 } },
};

export interface LldsInput {
  readonly logprobs: ArrayLike<number>;
  readonly oldLogprobs: ArrayLike<number>;
  readonly advantages: ArrayLike<number>;
  /** Number of the action that each token is of: what the policy wrote between two results. */
  readonly actions: ArrayLike<number>;
  readonly counted: (i: number) => boolean;
}

/**
 * What LLDS adds at each token, before its weight:
 *
 *   [A ≥ 0]·[Σ over the action of logπ_old − logπ > 0]·max(0, logπ_old − logπ)
 *
 * It acts only where a whole action has become less likely, and only on the tokens that made it so. Its derivative by
 * logπ is −1 wherever it is above 0.
 */
export function lldsPenalty(input: LldsInput): Float64Array {
  const { logprobs, oldLogprobs, advantages, actions, counted } = input;
  const penalty = new Float64Array(logprobs.length);
  for (const [from, to] of spansOf(actions)) {
    const drops: (readonly [number, number])[] = [];
    for (let i = from; i < to; i++) {
      const kept = counted(i) && (advantages[i] ?? NaN) >= 0;
      if (kept) drops.push([i, (oldLogprobs[i] ?? NaN) - (logprobs[i] ?? NaN)]);
    }
    const whole = drops.reduce((sum, [, drop]) => sum + drop, 0);
    if (whole > 0) for (const [i, drop] of drops) penalty[i] = Math.max(0, drop);
  }
  return penalty;
}
