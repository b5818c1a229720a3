import { Tape, Value } from './tape.ts';

/**
 * body(x) → [rows,D], of which a recording tape keeps x and the result alone: backward runs `body` once more
 * (Chen et al. 2016). `body` must do the same each time it is called, put all it makes on the tape it is given, and
 * not hold on to it.
 */
export function checkpointed(tape: Tape, x: Value, body: (tape: Tape, x: Value) => Value): Value {
  if (!tape.recording) return body(tape, x);
  const forward = new Tape(tape.backend, 'infer');
  let y: Value;
  try {
    const made = body(forward, new Value(x.data, x.rows, x.cols));
    tape.takeOver(forward, made.data);
    y = new Value(made.data, made.rows, made.cols);
  } finally {
    forward.release();
  }
  tape.push([y], [], () => {
    const again = new Tape(tape.backend, 'record');
    try {
      const input = new Value(x.data, x.rows, x.cols);
      const output = body(again, input);
      again.backward([{ value: output, gradient: tape.gradientOf(y) }]);
      const { gradient } = input;
      if (gradient === null) return;
      if (x.gradient === null && tape.takeOver(again, gradient.buffer)) {
        x.gradient = { buffer: gradient.buffer, holders: 1 };
      } else if (x.gradient === null) {
        tape.backend.copy(gradient.buffer, 0, tape.gradientToWrite(x), 0, x.size);
      } else {
        tape.backend.axpy(tape.gradientToWrite(x), gradient.buffer, 1, x.size);
      }
    } finally {
      again.release();
    }
  });
  return y;
}
