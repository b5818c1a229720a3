import { Value, type Tape } from './tape.ts';
import { checkWidth } from './shapes.ts';

/**
 * stream + branch → [T,D], written into `branch`'s memory: two different values, of which `branch` must not be read
 * by another op, and the op that made it must not need its own output for backward (linear does not). Without
 * recording `stream` is used up too.
 */
export function residual(tape: Tape, stream: Value, branch: Value): Value {
  checkWidth('residual', branch.cols, stream.cols);
  tape.backend.axpy(branch.data, stream.data, 1, stream.size);
  if (!tape.recording) {
    tape.drop(stream);
    return branch;
  }
  const y = new Value(branch.data, branch.rows, branch.cols);
  tape.push([y], [], () => {
    tape.passGradient(y, stream);
    tape.passGradient(y, branch);
  });
  return y;
}
