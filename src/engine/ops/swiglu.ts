import type { Tape, Value } from './tape.ts';
import { checkWidth } from './shapes.ts';

/** silu(gate[T,F]) · up[T,F] → [T,F]. */
export function swiglu(tape: Tape, gate: Value, up: Value): Value {
  checkWidth('swiglu', up.cols, gate.cols);
  const { backend } = tape;
  const n = gate.size;
  const y = tape.value(gate.rows, gate.cols);
  backend.swiglu(gate.data, up.data, y.data, n);
  if (tape.recording) {
    tape.push([y], [], () => {
      const dy = tape.gradientOf(y);
      tape.overwriteGradients([gate, up], ([dgate, dup]) => {
        if (dgate === undefined || dup === undefined) return;
        backend.swigluBackward(dy, gate.data, up.data, dgate, dup, n);
      });
    });
  }
  return y;
}
