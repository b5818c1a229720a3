import type { DeviceBuffer } from '../backend.ts';
import type { Tape, Value, Weight } from './tape.ts';
import { matrixShape } from './shapes.ts';

/** Rows of the table [V,D] for ids[T] i32 → [T,D]. */
export function embedding(tape: Tape, ids: DeviceBuffer, table: Weight): Value {
  const [V, D] = matrixShape(table);
  const T = ids.length;
  const y = tape.value(T, D);
  tape.backend.embedding(ids, table.data, y.data, T, D);
  if (tape.recording) {
    tape.push([y], [], () => {
      if (table.grad !== null) tape.backend.embeddingBackward(ids, tape.gradientOf(y), table.grad, T, D, V);
    });
  }
  return y;
}
