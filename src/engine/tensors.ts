import type { Groups } from './ggmlBlocks.ts';

/** A named tensor's content on the host, decoded to f32 when asked for (large files stay compact until then). */
export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major, as many numbers as the shape says. */
  values(): Float32Array;
  /** The same numbers as they are quantised in a file; absent or null where they are not. */
  groups?(): Groups | null;
}

export type NamedTensors = ReadonlyMap<string, Tensor>;

export function tensorOf(shape: readonly number[], data: Float32Array): Tensor {
  return { shape, values: () => data };
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
