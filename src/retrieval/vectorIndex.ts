/** A stored vector near to a query. */
export interface Neighbour {
  /** Position of the vector in the order it was given. */
  readonly row: number;
  /** Dot product; the cosine where both are unit vectors. */
  readonly score: number;
}

export interface VectorIndex {
  readonly dimension: number;
  readonly size: number;
  /**
   * The k rows of highest dot product for each query, best first; ties in the order of the rows. `queries` is
   * flat [Q, dimension]. A query's scores do not depend on the others in the call, to the last bit.
   */
  search(queries: Float32Array, k: number): Neighbour[][];
}

/** Rows scanned for all queries before the next rows are touched, so that they stay in the cache. */
const ROW_BLOCK = 256;

/** The best k seen so far of one query, best first. */
interface Best {
  readonly scores: Float64Array;
  readonly rows: Int32Array;
  count: number;
}

/** Keeps (row, score) if it is among the best. Rows come in ascending order, so an equal score goes behind. */
function offer(best: Best, row: number, score: number): void {
  const { scores, rows } = best;
  const k = scores.length;
  if (best.count === k && !(score > scores[k - 1]!)) return;
  let at = best.count < k ? best.count++ : k - 1;
  while (at > 0 && score > scores[at - 1]!) {
    scores[at] = scores[at - 1]!;
    rows[at] = rows[at - 1]!;
    at--;
  }
  scores[at] = score;
  rows[at] = row;
}

/** Σ a[i]·b[i] in four partial sums. `scanTwo` adds in this very order. */
function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, n: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = n - (n % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += a[aStart + i]! * b[bStart + i]!;
    s1 += a[aStart + i + 1]! * b[bStart + i + 1]!;
    s2 += a[aStart + i + 2]! * b[bStart + i + 2]!;
    s3 += a[aStart + i + 3]! * b[bStart + i + 3]!;
  }
  for (let i = whole; i < n; i++) s0 += a[aStart + i]! * b[bStart + i]!;
  return s0 + s1 + (s2 + s3);
}

/** Two queries (rows q and q+1 of `queries`) against one stored row: each loaded number is used twice. */
function scanTwo(
  queries: Float32Array,
  q: number,
  vectors: Float32Array,
  row: number,
  n: number,
  first: Best,
  second: Best,
): void {
  const v = row * n;
  const a = q * n;
  const b = a + n;
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  const whole = n - (n % 4);
  for (let i = 0; i < whole; i += 4) {
    const v0 = vectors[v + i]!;
    const v1 = vectors[v + i + 1]!;
    const v2 = vectors[v + i + 2]!;
    const v3 = vectors[v + i + 3]!;
    a0 += queries[a + i]! * v0;
    b0 += queries[b + i]! * v0;
    a1 += queries[a + i + 1]! * v1;
    b1 += queries[b + i + 1]! * v1;
    a2 += queries[a + i + 2]! * v2;
    b2 += queries[b + i + 2]! * v2;
    a3 += queries[a + i + 3]! * v3;
    b3 += queries[b + i + 3]! * v3;
  }
  for (let i = whole; i < n; i++) {
    const x = vectors[v + i]!;
    a0 += queries[a + i]! * x;
    b0 += queries[b + i]! * x;
  }
  offer(first, row, a0 + a1 + (a2 + a3));
  offer(second, row, b0 + b1 + (b2 + b3));
}

function requireVectors(what: string, values: Float32Array, dimension: number): number {
  if (values.length % dimension !== 0) {
    throw new Error(
      `${what}: ${values.length} numbers are not a whole number of vectors of dimension ${dimension}. ` +
        'Embed queries and passages with the same model, and rebuild the index after changing it.',
    );
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new Error(
        `${what}: vector ${Math.floor(i / dimension)} holds ${values[i]}; every number must be finite.`,
      );
    }
  }
  return values.length / dimension;
}

/**
 * Exact nearest neighbours by a flat scan. `vectors` is flat [size, dimension] and is kept, not copied.
 * At the sizes a tab holds (up to about 100 000 passages) a scan beats building an approximate index.
 */
export function createVectorIndex(vectors: Float32Array, dimension: number): VectorIndex {
  if (!Number.isInteger(dimension) || dimension < 1) {
    throw new Error(`Index: the dimension must be a positive whole number, not ${dimension}.`);
  }
  const size = requireVectors('Index', vectors, dimension);

  return {
    dimension,
    size,
    search(queries, k) {
      if (!Number.isInteger(k) || k < 1)
        throw new Error(`Search: k must be a positive whole number, not ${k}.`);
      const count = requireVectors('Search', queries, dimension);
      const kept = Math.min(k, size);
      const bests = Array.from({ length: count }, (): Best => ({
        scores: new Float64Array(kept),
        rows: new Int32Array(kept),
        count: 0,
      }));
      if (size === 0) return bests.map(() => []);
      for (let start = 0; start < size; start += ROW_BLOCK) {
        const end = Math.min(size, start + ROW_BLOCK);
        let q = 0;
        for (; q + 1 < count; q += 2) {
          const first = bests[q]!;
          const second = bests[q + 1]!;
          for (let row = start; row < end; row++) scanTwo(queries, q, vectors, row, dimension, first, second);
        }
        if (q < count) {
          const best = bests[q]!;
          for (let row = start; row < end; row++) {
            offer(best, row, dot(queries, q * dimension, vectors, row * dimension, dimension));
          }
        }
      }
      return bests.map(({ scores, rows }) =>
        Array.from(rows, (row, rank): Neighbour => ({ row, score: scores[rank]! })),
      );
    },
  };
}
