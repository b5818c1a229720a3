import type { DeviceBuffer } from '../backend.ts';
import type { LowRank, Tape, Value, Weight } from './tape.ts';
import { checkWidth, matrixShape, quantisedOf } from './shapes.ts';

/** x[T,I] · w[O,I]ᵀ (+ bias[O]) (+ the adapter's part) → [T,O]. */
export function linear(tape: Tape, x: Value, weight: Weight, bias: Weight | null): Value {
  const [O, I] = matrixShape(weight);
  checkWidth(`linear ${weight.name}`, x.cols, I);
  const { backend } = tape;
  const T = x.rows;
  const y = tape.value(T, O);
  const quantised = quantisedOf(backend, weight);
  const offset = bias?.data ?? null;
  if (quantised === null) backend.linear(x.data, weight.data, offset, y.data, T, I, O);
  else quantised.kernels.linear(x.data, quantised.matrix, offset, y.data, T);
  const low = weight.adapter === undefined ? null : addLowRank(tape, x, weight.adapter, y);
  if (!tape.recording) {
    if (low !== null) tape.free(low.inner);
    return y;
  }
  tape.push([y], low === null ? [] : [low.inner], () => {
    const dy = tape.gradientOf(y);
    if (weight.grad !== null) backend.linearBackwardWeight(dy, x.data, weight.grad, T, I, O);
    if (bias !== null && bias.grad !== null) backend.linearBackwardBias(dy, bias.grad, T, O);
    const accumulate = x.gradient !== null;
    const dx = tape.gradientToWrite(x);
    if (quantised === null) backend.linearBackwardInput(dy, weight.data, dx, T, I, O, accumulate);
    else quantised.kernels.linearBackwardInput(dy, quantised.matrix, dx, T, accumulate);
    low?.backward(dy, dx);
  });
  return y;
}

interface LowRankPart {
  /** scale · x·aᵀ [T,r], kept for backward. */
  readonly inner: DeviceBuffer;
  /** Adds to the factors' gradients, and to dx. */
  readonly backward: (dy: DeviceBuffer, dx: DeviceBuffer) => void;
}

/** y += scale · (x·aᵀ)·b, with a[r,I] and b[r,O]. */
function addLowRank(tape: Tape, x: Value, { a, b, scale }: LowRank, y: Value): LowRankPart {
  const { backend } = tape;
  const [rank, I] = matrixShape(a);
  const [, O] = matrixShape(b);
  const T = x.rows;
  /** scale · what `kernel` writes, [T,r]. */
  const scaled = (kernel: (to: DeviceBuffer) => void): DeviceBuffer => {
    const plain = tape.alloc(T * rank);
    kernel(plain);
    if (scale === 1) return plain;
    const result = tape.alloc(T * rank);
    backend.fill(result, 0);
    backend.axpy(result, plain, scale, T * rank);
    tape.free(plain);
    return result;
  };
  const inner = scaled((to) => {
    backend.linear(x.data, a.data, null, to, T, I, rank);
  });
  backend.linearBackwardInput(inner, b.data, y.data, T, O, rank, true);
  return {
    inner,
    backward: (dy, dx) => {
      if (b.grad !== null) backend.linearBackwardWeight(inner, dy, b.grad, T, O, rank);
      const dInner = scaled((to) => {
        backend.linear(dy, b.data, null, to, T, O, rank);
      });
      if (a.grad !== null) backend.linearBackwardWeight(dInner, x.data, a.grad, T, I, rank);
      backend.linearBackwardInput(dInner, a.data, dx, T, I, rank, true);
      tape.free(dInner);
    },
  };
}
