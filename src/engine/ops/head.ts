import type { DeviceBuffer } from '../backend.ts';
import { Value, type Tape, type Weight } from './tape.ts';
import { checkWidth, matrixShape } from './shapes.ts';

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
  backend.head(h.data, weight.data, targets, logprob.data, entropy.data, lse, N, D, V, scale, kept);
  if (!tape.recording) {
    tape.free(lse);
    return { logprob, entropy };
  }
  tape.push([logprob, entropy], kept ? [lse, kept] : [lse], () => {
    const gLogprob = tape.gradientOf(logprob);
    const gEntropy = tape.gradientOf(entropy);
    // The kernel always writes the weight's gradient: a frozen head gets a place to be thrown away.
    const dw = weight.grad ?? tape.gradientToAdd(new Value(weight.data, V, D));
    tape.overwriteGradients([h], ([dh]) => {
      if (dh === undefined) return;
      backend.headBackward(
        h.data,
        weight.data,
        targets,
        entropy.data,
        lse,
        gLogprob,
        gEntropy,
        dh,
        dw,
        N,
        D,
        V,
        scale,
        kept,
      );
    });
    if (weight.grad === null) tape.free(dw);
  });
  return { logprob, entropy };
}
