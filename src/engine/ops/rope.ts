import type { DeviceBuffer } from '../backend.ts';
import type { RopeScaling } from '../ropeScaling.ts';
import { Value, type Tape } from './tape.ts';

/**
 * Rotary positions on x[T,H·C], in place: `x` must not be read afterwards, only the returned value, and the op that
 * made `x` must not need its own output for backward (linear and rmsnorm do not).
 */
export function rope(
  tape: Tape,
  x: Value,
  positions: DeviceBuffer,
  headDim: number,
  theta: number,
  scaling?: RopeScaling,
): Value {
  const { backend } = tape;
  const heads = x.cols / headDim;
  backend.rope(x.data, positions, x.rows, heads, headDim, theta, false, scaling);
  if (!tape.recording) return x;
  const y = new Value(x.data, x.rows, x.cols);
  tape.push([y], [], () => {
    backend.rope(tape.gradientToWrite(y), positions, x.rows, heads, headDim, theta, true, scaling);
    tape.passGradient(y, x);
  });
  return y;
}
