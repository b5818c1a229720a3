import { at, bump, type Ints } from './arrays.ts';

/** y[t,:] = table[ids[t],:]. */
export function embedding(ids: Ints, table: Float64Array, T: number, D: number): Float64Array {
  const y = new Float64Array(T * D);
  for (let t = 0; t < T; t++) {
    for (let d = 0; d < D; d++) y[t * D + d] = at(table, at(ids, t) * D + d);
  }
  return y;
}

/** dTable[v,:] = Σ over t with ids[t] = v of dy[t,:]. */
export function embeddingBackward(
  ids: Ints,
  dy: Float64Array,
  T: number,
  D: number,
  V: number,
): Float64Array {
  const dTable = new Float64Array(V * D);
  for (let t = 0; t < T; t++) {
    for (let d = 0; d < D; d++) bump(dTable, at(ids, t) * D + d, at(dy, t * D + d));
  }
  return dTable;
}
