import type { DeviceBuffer } from '../backend.ts';
import type { Tape, Value } from './tape.ts';

/** x[rows[n],:] for distinct rows[N] i32 → [N,D]. */
export function gatherRows(tape: Tape, x: Value, rows: DeviceBuffer): Value {
  const { backend } = tape;
  const N = rows.length;
  const y = tape.value(N, x.cols);
  backend.gatherRows(x.data, rows, y.data, N, x.cols);
  if (tape.recording) {
    tape.push([y], [], () => {
      backend.scatterRowsAdd(tape.gradientOf(y), rows, tape.gradientToAdd(x), N, x.cols);
    });
  }
  return y;
}

/** Mean of x over each segment, starts[S+1] i32 → [S,D]. Sentence pooling. */
export function segmentMean(tape: Tape, x: Value, starts: DeviceBuffer): Value {
  const { backend } = tape;
  const S = starts.length - 1;
  const y = tape.value(S, x.cols);
  backend.segmentMean(x.data, starts, y.data, S, x.cols);
  if (tape.recording) {
    tape.push([y], [], () => {
      const dy = tape.gradientOf(y);
      tape.overwriteGradients([x], ([dx]) => {
        if (dx !== undefined) backend.segmentMeanBackward(dy, starts, dx, S, x.rows, x.cols);
      });
    });
  }
  return y;
}
