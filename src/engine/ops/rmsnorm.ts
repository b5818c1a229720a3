import { EngineError } from '../backend.ts';
import type { Tape, Weight } from './tape.ts';
import { Value } from './tape.ts';
import { vectorLength } from './shapes.ts';

/**
 * RMSNorm over stretches of the weight's length: x[T,D] with weight[D] norms rows, x[T,H·C] with weight[C] norms
 * every head by itself (q/k-norm). → same shape as x.
 */
export function rmsnorm(tape: Tape, x: Value, weight: Weight, eps: number): Value {
  const width = vectorLength(weight);
  if (x.cols % width !== 0) {
    throw new EngineError(`rmsnorm ${weight.name}: rows of ${x.cols} do not divide into ${width}`);
  }
  const { backend } = tape;
  const rows = x.size / width;
  const y = tape.value(x.rows, x.cols);
  const rstd = tape.alloc(rows);
  backend.rmsnorm(x.data, weight.data, y.data, rstd, rows, width, eps);
  if (!tape.recording) {
    tape.free(rstd);
    return y;
  }
  tape.push([y], [rstd], () => {
    const accumulate = x.gradient !== null;
    const dx = tape.gradientToWrite(x);
    // The kernel always writes the weight's gradient: a frozen weight gets a place to be thrown away.
    const dw = weight.grad ?? tape.gradientToAdd(new Value(weight.data, 1, width));
    backend.rmsnormBackward(tape.gradientOf(y), x.data, weight.data, rstd, dx, dw, rows, width, accumulate);
    if (weight.grad === null) tape.free(dw);
  });
  return y;
}
