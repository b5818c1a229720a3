import type { AttentionShape } from '../../../src/engine/backend.ts';
import { at, bump, type Ints } from './arrays.ts';
import { dot, logSumExp } from './attention.ts';

/** A copy of `cache` with cache[slots[n], positions[n], :] = x[n, :]. */
export function cacheWrite(
  x: Float64Array,
  slots: Ints,
  positions: Ints,
  cache: Float64Array,
  N: number,
  W: number,
  capacity: number,
): Float64Array {
  const next = cache.slice();
  for (let n = 0; n < N; n++) {
    const row = at(slots, n) * capacity + at(positions, n);
    for (let c = 0; c < W; c++) next[row * W + c] = at(x, n * W + c);
  }
  return next;
}

/** A copy of `cache` with the first `length` positions of slot `from` copied to slot `to`. */
export function cacheCopySlot(
  cache: Float64Array,
  from: number,
  to: number,
  length: number,
  W: number,
  capacity: number,
): Float64Array {
  const next = cache.slice();
  for (let i = 0; i < length * W; i++) next[to * capacity * W + i] = at(cache, from * capacity * W + i);
  return next;
}

/**
 * Row n attends to positions j = 0…positions[n] of slot slots[n]; query head h reads kv head floor(h / (Hq/Hkv)):
 * s_j = q_n · k_j / √C;  out_n = Σ_j exp(s_j − log Σ_i exp s_i) · v_j.
 */
export function attentionCached(
  q: Float64Array,
  keyCache: Float64Array,
  valueCache: Float64Array,
  slots: Ints,
  positions: Ints,
  N: number,
  capacity: number,
  shape: AttentionShape,
): Float64Array {
  const { heads, kvHeads, headDim: C } = shape;
  const out = new Float64Array(N * heads * C);
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < heads; h++) {
      const row = (n * heads + h) * C;
      const group = Math.floor(h / (heads / kvHeads));
      const places = Array.from(
        { length: at(positions, n) + 1 },
        (_, j) => ((at(slots, n) * capacity + j) * kvHeads + group) * C,
      );
      const scores = places.map((place) => dot(q, row, keyCache, place, C) / Math.sqrt(C));
      const total = logSumExp(scores);
      places.forEach((place, j) => {
        const p = Math.exp(at(scores, j) - total);
        for (let c = 0; c < C; c++) bump(out, row + c, p * at(valueCache, place + c));
      });
    }
  }
  return out;
}
