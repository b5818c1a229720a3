import { Random } from '../../src/world/random.ts';

export interface VectorSet {
  readonly dimension: number;
  /** Flat [count, dimension], rows of length 1. */
  readonly stored: Float32Array;
  readonly queries: Float32Array;
}

/** Unit vectors in √count clusters, as texts on a few subjects are; queries are drawn from the same clusters. */
export function clusteredVectors(
  count: number,
  queryCount: number,
  dimension: number,
  seed: number,
): VectorSet {
  const random = new Random(seed);
  const clusters = Math.max(1, Math.round(Math.sqrt(count)));
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const centres = Float32Array.from({ length: clusters * dimension }, normal);
  const draw = (rows: number): Float32Array => {
    const out = new Float32Array(rows * dimension);
    for (let row = 0; row < rows; row++) {
      const centre = random.below(clusters) * dimension;
      const vector = out.subarray(row * dimension, (row + 1) * dimension);
      let squares = 0;
      for (let d = 0; d < dimension; d++) {
        const value = (centres[centre + d] ?? 0) + normal();
        vector[d] = value;
        squares += value ** 2;
      }
      for (let d = 0; d < dimension; d++) vector[d] = (vector[d] ?? 0) / Math.sqrt(squares);
    }
    return out;
  };
  return { dimension, stored: draw(count), queries: draw(queryCount) };
}

/** Share of the k nearest that were found, over all queries, 0…1. */
export function recall(found: readonly (readonly number[])[], exact: readonly (readonly number[])[]): number {
  let hits = 0;
  let all = 0;
  exact.forEach((rows, q) => {
    const given = new Set(found[q]);
    all += rows.length;
    hits += rows.filter((row) => given.has(row)).length;
  });
  return all === 0 ? NaN : hits / all;
}
