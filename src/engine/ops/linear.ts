import type { Tape, Value, Weight } from './tape.ts';
import { checkWidth, matrixShape } from './shapes.ts';

/** x[T,I] · w[O,I]ᵀ (+ bias[O]) → [T,O]. */
export function linear(tape: Tape, x: Value, weight: Weight, bias: Weight | null): Value {
  const [O, I] = matrixShape(weight);
  checkWidth(`linear ${weight.name}`, x.cols, I);
  const { backend } = tape;
  const T = x.rows;
  const y = tape.value(T, O);
  backend.linear(x.data, weight.data, bias?.data ?? null, y.data, T, I, O);
  if (tape.recording) {
    tape.push([y], [], () => {
      const dy = tape.gradientOf(y);
      if (weight.grad !== null) backend.linearBackwardWeight(dy, x.data, weight.grad, T, I, O);
      if (bias !== null && bias.grad !== null) backend.linearBackwardBias(dy, bias.grad, T, O);
      const accumulate = x.gradient !== null;
      backend.linearBackwardInput(dy, weight.data, tape.gradientToWrite(x), T, I, O, accumulate);
    });
  }
  return y;
}
