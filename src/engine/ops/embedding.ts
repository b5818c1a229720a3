import type { DeviceBuffer } from '../backend.ts';
import type { Tape, Value, Weight } from './tape.ts';
import { matrixShape, quantisedOf } from './shapes.ts';

/** Rows of the table [V,D] for ids[T] i32 → [T,D]. */
export function embedding(tape: Tape, ids: DeviceBuffer, table: Weight): Value {
  const [V, D] = matrixShape(table);
  const T = ids.length;
  const y = tape.value(T, D);
  const quantised = quantisedOf(tape.backend, table);
  if (quantised === null) tape.backend.embedding(ids, table.data, y.data, T, D);
  else quantised.kernels.embedding(ids, quantised.matrix, y.data, T);
  if (tape.recording) {
    tape.push([y], [], () => {
      if (table.grad !== null) tape.backend.embeddingBackward(ids, tape.gradientOf(y), table.grad, T, D, V);
    });
  }
  return y;
}
