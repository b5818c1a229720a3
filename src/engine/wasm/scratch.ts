/** Memory that kernels of this backend take beside their arguments. Bytes. */

import { roundUp } from './work.ts';

/** Rows scored together: the same number as in assembly/attention.ts. */
export const ATTENTION_ROWS = 24;
/** K range of a product packed at once: the same number as in assembly/. */
const K_BLOCK = 512;
/** Vocabulary chunk: the same number as in assembly/. */
export const HEAD_CHUNK = 512;
/** Vocabulary entries, and floats, of the logit gradients held at once in `headBackward`. */
export const GRADIENT_CHUNK = 4096;
const GRADIENT_FLOATS = 2 ** 21;

/** Logits kept from the forward pass to the backward at most: 32 MiB, 4096 rows of our policy's vocabulary. */
const MOST_KEPT = 2 ** 23;

/** Whether the logits of N rows are kept for the backward pass. */
export const keepsLogits = (N: number, V: number): boolean => V % 4 === 0 && N * V <= MOST_KEPT;

/** Of a block of a product. */
export function productScratch(rows: number, columns: number, K: number): number {
  // Quantised weights are unpacked in groups of 32, and beside the panels; the others have room to spare.
  return 4 * (roundUp(columns, 8) * Math.min(roundUp(K, 32), K_BLOCK) + rows * 8) + 1024;
}

/** Rows of one block at the head: large blocks pack the weights less often, small ones share the work better. */
export function headRows(N: number): number {
  if (N >= 1024) return 128;
  return N >= 256 ? 64 : 32;
}

/** Of a block of the head over N rows h[N,D]. */
export const headScratch = (N: number, D: number): number =>
  headRows(N) * 4 * (HEAD_CHUNK + 4) + productScratch(headRows(N), HEAD_CHUNK, D);

/** Rows whose logit gradients of `chunk` entries are held at once. */
export const gradientRows = (N: number, chunk: number): number =>
  Math.min(N, Math.max(128, Math.floor(GRADIENT_FLOATS / chunk / 128) * 128));

/** Of one sequence's head of C channels, over `longest` tokens. */
export function attentionBackwardScratch(longest: number, C: number): number {
  const width = roundUp(C, 8);
  const rows = ATTENTION_ROWS;
  return 4 * (roundUp(longest, 8) * (2 * C + 3 * width + 2 * rows) + longest * C + 5 * rows * width);
}

/** What is set aside of scratch when a kernel asks for more than there is: it grows with room to spare. */
export const scratchStride = (bytes: number): number => Math.ceil((bytes * 1.25) / 4096) * 4096;

/**
 * What the backend holds after a training step of its own, over N rows of the loss.
 * @param kept the logits were kept from the forward pass (`keepsLogits`)
 * @param longest tokens of a sequence
 * @param C channels of a head
 */
export function workspaceBytes(
  threads: number,
  {
    N,
    D,
    V,
    kept,
    longest,
    C,
  }: Readonly<Record<'N' | 'D' | 'V' | 'longest' | 'C', number>> & {
    readonly kept: boolean;
  },
): number {
  const chunk = Math.min(V, GRADIENT_CHUNK);
  const gradients = kept ? 0 : 4 * gradientRows(N, chunk) * chunk;
  return (
    gradients + threads * scratchStride(Math.max(headScratch(N, D), attentionBackwardScratch(longest, C)))
  );
}
