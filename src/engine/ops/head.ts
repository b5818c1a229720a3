import type { DeviceBuffer } from '../backend.ts';
import type { Tape, Value, Weight } from './tape.ts';
import { checkWidth, matrixShape, quantisedOf } from './shapes.ts';

export interface HeadOutput {
  /** [N,1]: log-probability of each row's target. */
  readonly logprob: Value;
  /** [N,1]: entropy of each row's distribution, in nats. */
  readonly entropy: Value;
}

/**
 * From hidden rows h[N,D] (after the final norm) straight to log-probability of targets[N] i32 and entropy under
 * softmax(h·wᵀ/temperature). The loss is the host's: read both, then seed `Tape.backward` with the gradients of the
 * loss by logprob and, where it matters, by entropy.
 */
export function head(
  tape: Tape,
  h: Value,
  weight: Weight,
  targets: DeviceBuffer,
  temperature: number,
): HeadOutput {
  const [V, D] = matrixShape(weight);
  checkWidth('head', h.cols, D);
  const { backend } = tape;
  const N = h.rows;
  const scale = 1 / temperature;
  const logprob = tape.value(N, 1);
  const entropy = tape.value(N, 1);
  const lse = tape.alloc(N);
  const kept = tape.recording && backend.keepsLogits?.(N, V) === true ? tape.alloc(N * V) : undefined;
  const quantised = quantisedOf(backend, weight);
  const results = [logprob.data, entropy.data, lse] as const;
  if (quantised === null) backend.head(h.data, weight.data, targets, ...results, N, D, V, scale, kept);
  else quantised.kernels.head(h.data, quantised.matrix, targets, ...results, N, scale, kept);
  if (!tape.recording) {
    tape.free(lse);
    return { logprob, entropy };
  }
  tape.push([logprob, entropy], kept ? [lse, kept] : [lse], () => {
    const gLogprob = tape.gradientOf(logprob);
    const gEntropy = tape.gradientOf(entropy);
    const numbers = [entropy.data, lse, gLogprob, gEntropy] as const;
    tape.overwriteGradients([h], ([dh]) => {
      if (dh === undefined) return;
      if (quantised === null) {
        backend.headBackward(h.data, weight.data, targets, ...numbers, dh, weight.grad, N, D, V, scale, kept);
      } else {
        quantised.kernels.headBackward(h.data, quantised.matrix, targets, ...numbers, dh, N, scale, kept);
      }
    });
  });
  return { logprob, entropy };
}
