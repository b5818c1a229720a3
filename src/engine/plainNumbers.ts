/** Tensors' numbers as files hold them where they are not quantised, little-endian. */
import { EngineError } from './backend.ts';
import { toBrain, toFittingHalf } from './float16.ts';
import { sizeOf, type Tensor } from './tensors.ts';

export const plainTypes = ['F32', 'F16', 'BF16'] as const;
export type PlainType = (typeof plainTypes)[number];

export const plainBytes: Readonly<Record<PlainType, number>> = { F32: 4, F16: 2, BF16: 2 };

/**
 * A tensor's bytes, rounded to nearest even.
 * @param name for errors
 * @throws EngineError where a number does not fit into F16, or the numbers not into the shape
 */
export function plainNumbers(tensor: Tensor, type: PlainType, name: string): Uint8Array<ArrayBuffer> {
  const values = tensor.values();
  if (values.length !== sizeOf(tensor.shape)) {
    throw new EngineError(
      `${name} holds ${values.length} numbers, its shape [${tensor.shape.join(', ')}] needs others`,
    );
  }
  // WebAssembly runs on little-endian machines alone, so a typed array's bytes are the file's.
  if (type === 'F32') return new Uint8Array(Float32Array.from(values).buffer);
  const halves = new Uint16Array(values.length);
  if (type === 'F16') for (let i = 0; i < halves.length; i++) halves[i] = toFittingHalf(values[i] ?? 0, name);
  else for (let i = 0; i < halves.length; i++) halves[i] = toBrain(values[i] ?? 0);
  return new Uint8Array(halves.buffer);
}
