import type { Pooling } from './embedderFiles.ts';

/**
 * Token vectors [B, T, D], of which the first lengths[b] of row b count, to sentence vectors [B, D].
 */
export function poolTokens(
  tokens: Float32Array,
  lengths: readonly number[],
  T: number,
  D: number,
  pooling: Pooling,
): Float32Array {
  const pooled = new Float32Array(lengths.length * D);
  lengths.forEach((length, b) => {
    const out = pooled.subarray(b * D, (b + 1) * D);
    const start = b * T * D;
    if (pooling === 'cls' || pooling === 'lasttoken') {
      const at = start + (pooling === 'cls' ? 0 : length - 1) * D;
      out.set(tokens.subarray(at, at + D));
      return;
    }
    if (pooling === 'max') out.fill(-Infinity);
    for (let t = 0; t < length; t++) {
      const at = start + t * D;
      if (pooling === 'max') for (let d = 0; d < D; d++) out[d] = Math.max(out[d]!, tokens[at + d]!);
      else for (let d = 0; d < D; d++) out[d]! += tokens[at + d]! / length;
    }
  });
  return pooled;
}

/** Scales every row of length D to unit length, in place; a row of zeros stays. */
export function normaliseRows(vectors: Float32Array, D: number): void {
  for (let start = 0; start < vectors.length; start += D) {
    let sum = 0;
    for (let d = start; d < start + D; d++) sum += vectors[d]! ** 2;
    if (sum === 0) continue;
    const scale = 1 / Math.sqrt(sum);
    for (let d = start; d < start + D; d++) vectors[d]! *= scale;
  }
}
