/**
 * What is compared with what it was when sampled: a token, or a whole rollout, by the mean or the sum of its log ratios.
 */
export type RatioLevel = 'token' | 'rollout mean' | 'rollout product';

export interface Ratios {
  /** log(π/π_old) of each token, or of the rollout it is of. */
  readonly logs: Float64Array;
  /**
   * d(Σ over the rollout's tokens of log ratio)/dlogπ of one token: 1, but for a product the number of its tokens, as
   * each token moves what all of them show.
   */
  readonly reach: Float64Array;
}

/** Log ratios at a level. `rollouts` numbers the rollout of each token; one rollout's tokens stand side by side. */
export function logRatios(
  level: RatioLevel,
  logprobs: ArrayLike<number>,
  oldLogprobs: ArrayLike<number>,
  rollouts: ArrayLike<number>,
  counted: (i: number) => boolean,
): Ratios {
  const n = logprobs.length;
  const logs = Float64Array.from({ length: n }, (_, i) => (logprobs[i] ?? NaN) - (oldLogprobs[i] ?? NaN));
  const reach = new Float64Array(n).fill(1);
  if (level === 'token') return { logs, reach };
  for (const [from, to] of spansOf(rollouts)) {
    let sum = 0;
    let tokens = 0;
    for (let i = from; i < to; i++) {
      if (!counted(i)) continue;
      sum += logs[i] ?? NaN;
      tokens++;
    }
    logs.fill(level === 'rollout mean' ? sum / tokens : sum, from, to);
    if (level === 'rollout product') reach.fill(tokens, from, to);
  }
  return { logs, reach };
}

/** Half-open ranges of equal neighbours. */
export function spansOf(ids: ArrayLike<number>): (readonly [number, number])[] {
  const spans: (readonly [number, number])[] = [];
  let from = 0;
  for (let i = 1; i <= ids.length; i++) {
    if (i < ids.length && ids[i] === ids[from]) continue;
    spans.push([from, i]);
    from = i;
  }
  return spans;
}
