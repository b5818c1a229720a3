/** How much work is worth sharing, and the arithmetic of blocks. */

/** Floating-point operations worth handing to another thread. */
export const PARALLEL_FLOPS = 300_000;

/** The next multiple of `multiple`. */
export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
