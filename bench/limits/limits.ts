/** The machine's own limits, measured in the same run as what is held against them. */
export interface Limits {
  /** Floating-point operations a second, a multiply-add counting as two. */
  readonly flops: number;
  /** Copies of growing size, read and written bytes both counted: small ones stay in a cache. */
  readonly copies: readonly { readonly bytes: number; readonly bytesPerSecond: number }[];
}

/** Bytes moved by the copies that are measured. */
export const copySizes = [2 ** 20, 2 ** 22, 2 ** 24, 2 ** 26] as const;

/** The least seconds of some tries. */
export async function fastest(tries: number, seconds: () => Promise<number> | number): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < tries; i++) least = Math.min(least, await seconds());
  return least;
}

/**
 * Share of the limit that binds: what the work must take at least, over what it took. Memory is held against the copy
 * nearest in size; work that reads more than it writes can be a little faster than a copy.
 */
export function shareOfLimit(
  { flops, copies }: Limits,
  work: { readonly flops: number; readonly bytes: number },
  seconds: number,
): number {
  const distance = (bytes: number): number => Math.abs(Math.log(bytes / work.bytes));
  const [copy] = copies.toSorted((a, b) => distance(a.bytes) - distance(b.bytes));
  return Math.max(work.flops / flops, copy ? work.bytes / copy.bytesPerSecond : 0) / seconds;
}
