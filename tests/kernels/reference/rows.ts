import { at, bump, segmentOfToken, type Ints } from './arrays.ts';

/** y[n,:] = x[rows[n],:]. */
export function gatherRows(x: Float64Array, rows: Ints, N: number, D: number): Float64Array {
  const y = new Float64Array(N * D);
  for (let n = 0; n < N; n++) {
    for (let d = 0; d < D; d++) y[n * D + d] = at(x, at(rows, n) * D + d);
  }
  return y;
}

/** dx[rows[n],:] = dy[n,:], the other of `rowCount` rows 0; rows are distinct. Backward of gatherRows. */
export function scatterRowsAdd(
  dy: Float64Array,
  rows: Ints,
  N: number,
  D: number,
  rowCount: number,
): Float64Array {
  const dx = new Float64Array(rowCount * D);
  for (let n = 0; n < N; n++) {
    for (let d = 0; d < D; d++) bump(dx, at(rows, n) * D + d, at(dy, n * D + d));
  }
  return dx;
}

/** y[s,:] = (1 / length(s)) · Σ over t in segment s of x[t,:]. */
export function segmentMean(x: Float64Array, starts: Ints, S: number, D: number): Float64Array {
  const y = new Float64Array(S * D);
  for (let s = 0; s < S; s++) {
    const length = at(starts, s + 1) - at(starts, s);
    for (let t = at(starts, s); t < at(starts, s + 1); t++) {
      for (let d = 0; d < D; d++) bump(y, s * D + d, at(x, t * D + d) / length);
    }
  }
  return y;
}

/** dx[t,:] = dy[s(t),:] / length(s(t)). */
export function segmentMeanBackward(dy: Float64Array, starts: Ints, T: number, D: number): Float64Array {
  const dx = new Float64Array(T * D);
  const segments = segmentOfToken(starts);
  for (let t = 0; t < T; t++) {
    const s = at(segments, t);
    const length = at(starts, s + 1) - at(starts, s);
    for (let d = 0; d < D; d++) dx[t * D + d] = at(dy, s * D + d) / length;
  }
  return dx;
}
