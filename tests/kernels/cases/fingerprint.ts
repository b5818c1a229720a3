import type { Backend, DeviceBuffer } from '../../../src/engine/backend.ts';
import { Kit } from './kit.ts';
import { Numbers, startsOf, sum } from './numbers.ts';

/**
 * The outputs of kernels at sizes worth sharing among threads, above all those that sum over rows or over all
 * elements. Two backends that must agree to the bit must give equal fingerprints.
 */
export async function fingerprint(backend: Backend): Promise<ReadonlyMap<string, Float32Array>> {
  const kit = new Kit(backend);
  const outputs = new Map<string, DeviceBuffer>();
  const out = (name: string, length: number): DeviceBuffer => {
    const buffer = kit.state(new Float64Array(length));
    outputs.set(name, buffer);
    return buffer;
  };
  const numbers = new Numbers(77);
  const real = (length: number, scale = 1) => kit.f32(numbers.normal(length, scale));
  const integers = (length: number, below: number) => kit.i32(numbers.integers(length, below));

  const [T, I, O] = [517, 130, 97];
  const [x, w, dy] = [real(T * I), real(O * I), real(T * O)];
  backend.linear(x, w, real(O), out('linear', T * O), T, I, O);
  backend.linearBackwardInput(dy, w, out('linearBackwardInput', T * I), T, I, O, true);
  backend.linearBackwardWeight(dy, x, out('linearBackwardWeight', O * I), T, I, O);
  backend.linearBackwardBias(dy, out('linearBackwardBias', O), T, O);

  const gain = real(I);
  const rstd = out('rmsnorm rstd', T);
  const dx = out('rmsnormBackward dx', T * I);
  backend.rmsnorm(x, gain, out('rmsnorm', T * I), rstd, T, I, 1e-5);
  backend.rmsnormBackward(real(T * I), x, gain, rstd, dx, out('rmsnormBackward dw', I), T, I, false);

  backend.embeddingBackward(integers(T, 9), x, out('embeddingBackward', 9 * I), T, I, 9);
  backend.swiglu(x, dx, out('swiglu', T * I), T * I);
  backend.sumSquares(x, out('sumSquares', 1), T * I);
  const scale = out('clipScale', 1);
  backend.clipScale(kit.f32([50]), scale, 1);
  const moments = [out('adamw m', T * I), out('adamw v', T * I)] as const;
  backend.adamw(out('adamw', T * I), x, ...moments, scale, T * I, {
    ...{ learningRate: 0.01, beta1: 0.9, beta2: 0.99 },
    ...{ epsilon: 1e-8, weightDecay: 0.1, step: 3 },
  });

  const shape = { heads: 4, kvHeads: 1, headDim: 32 };
  const lengths = [129, 1, 40, 3, 200];
  const [tokens, S, starts] = [sum(lengths), lengths.length, kit.i32(startsOf(lengths))];
  const [q, k, v] = [real(tokens * 128), real(tokens * 32), real(tokens * 32)];
  const [attended, lse] = [out('attention', tokens * 128), out('attention lse', tokens * 4)];
  backend.attention(q, k, v, starts, attended, lse, tokens, S, shape, true);
  const grads = [out('dq', tokens * 128), out('dk', tokens * 32), out('dv', tokens * 32)] as const;
  const dout = real(tokens * 128);
  backend.attentionBackward(q, k, v, starts, attended, lse, dout, ...grads, tokens, S, shape, true);

  const [N, D, V] = [65, 33, 3001];
  const [h, table, targets] = [real(N * D), real(V * D, 0.2), integers(N, V)];
  const entropy = out('entropy', N);
  const headLse = out('head lse', N);
  backend.head(h, table, targets, out('logprob', N), entropy, headLse, N, D, V, 1);
  const weights = [real(N), real(N)] as const;
  const headGrads = [out('head dh', N * D), out('head dw', V * D)] as const;
  backend.headBackward(h, table, targets, entropy, headLse, ...weights, ...headGrads, N, D, V, 1);

  try {
    const results = new Map<string, Float32Array>();
    for (const [name, buffer] of outputs) results.set(name, await kit.read(buffer));
    return results;
  } finally {
    kit.release();
  }
}
