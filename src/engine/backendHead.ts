import type { DeviceBuffer, SamplingOptions } from './backend.ts';

/** From hidden rows to log-probabilities and drawn tokens. Shapes and conventions: backend.ts. */
export interface BackendHead {
  // ---- fused head -----------------------------------------------------------------------------
  /**
   * z = h[N,D] · w[V,D]ᵀ · scale; p = softmax(z).  (scale = 1/temperature.)
   * logprob[n] = log p[targets[n]]; entropy[n] = −Σ p log p; lse[n] = log Σ exp z.
   * Works in vocabulary chunks; never holds more than a bounded scratch for large V.
   * `kept`[N,V] takes z for `headBackward`, where the backend `keepsLogits`; the results are the same bits.
   */
  head(
    h: DeviceBuffer,
    w: DeviceBuffer,
    targets: DeviceBuffer,
    logprob: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    N: number,
    D: number,
    V: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void;
  /**
   * Whether the logits of N rows are worth their memory in a training step, which then need not compute them
   * twice. Absent: they never are.
   */
  keepsLogits?(N: number, V: number): boolean;
  /**
   * With gLogprob[N], gEntropy[N] the gradients of the loss by logprob and entropy:
   * dz_v = gLogprob·(1[v=target] − p_v) − gEntropy·p_v·(log p_v + entropy);
   * dh[N,D] "=" scale · dz · w;  dw[V,D] += scale · dzᵀ · h (dw null: a frozen head).
   * `kept`[N,V]: what `head` left there; overwritten.
   */
  headBackward(
    h: DeviceBuffer,
    w: DeviceBuffer,
    targets: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    gLogprob: DeviceBuffer,
    gEntropy: DeviceBuffer,
    dh: DeviceBuffer,
    dw: DeviceBuffer | null,
    N: number,
    D: number,
    V: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void;

  // ---- sampling -------------------------------------------------------------------------------
  /**
   * One draw a row from logits[N,V].
   * Draw: u = uniform(seeds[n], rollouts[n], positions[n]) by `counterUniform` of engine/random.ts (same bits on
   * every backend), then the inverse CDF in vocabulary order over the kept tokens of softmax(logits/temperature).
   * Outputs: ids[N] i32; logprob[N], entropy[N] of the *whole* row softmax(logits/temperature)
   * (temperature 1 when greedy), before top-k and top-p.
   * keys[N,3] i32 = (seed, rollout, position).
   */
  sample(
    logits: DeviceBuffer,
    keys: DeviceBuffer,
    ids: DeviceBuffer,
    logprob: DeviceBuffer,
    entropy: DeviceBuffer,
    N: number,
    V: number,
    options: SamplingOptions,
  ): void;
}
