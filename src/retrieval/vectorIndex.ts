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

/** Rows scanned for all queries before the next rows are touched, so that they stay in the cache; even. */
const ROW_BLOCK = 256;
/** Queries scored together. */
const QUERIES = 4;

/** The best k seen so far of every query, best first: flat [Q, k]. */
interface Best {
  readonly k: number;
  readonly scores: Float64Array;
  readonly rows: Int32Array;
  /** Kept so far of each query. */
  readonly counts: Int32Array;
}

/** Keeps (row, score) if it is among query q's best. Rows come in ascending order, so an equal score goes behind. */
function offer({ k, scores, rows, counts }: Best, q: number, row: number, score: number): void {
  const first = q * k;
  const count = counts[q]!;
  if (count === k && !(score > scores[first + k - 1]!)) return;
  let at = first + Math.min(count, k - 1);
  if (count < k) counts[q] = count + 1;
  while (at > first && score > scores[at - 1]!) {
    scores[at] = scores[at - 1]!;
    rows[at] = rows[at - 1]!;
    at--;
  }
  scores[at] = score;
  rows[at] = row;
}

/*
 * Every score is Σ query[i]·row[i] at 64 bits, added in the order of i, whatever it is computed beside: `scoreFour`,
 * `scoreOne` and `scorePair` differ only in how many such sums are under way at once, which is where the speed is.
 */

/** scores[s · ROW_BLOCK + r] of queries q+s, s < 4, and rows start+r, r < count: four queries by two rows at a time. */
function scoreFour(
  queries: Float64Array,
  q: number,
  vectors: Float32Array,
  start: number,
  count: number,
  n: number,
  scores: Float64Array,
): void {
  const a = q * n;
  const b = a + n;
  const c = b + n;
  const d = c + n;
  for (let r = 0; r + 1 < count; r += 2) {
    const u = (start + r) * n;
    const v = u + n;
    let au = 0;
    let av = 0;
    let bu = 0;
    let bv = 0;
    let cu = 0;
    let cv = 0;
    let du = 0;
    let dv = 0;
    for (let i = 0; i < n; i++) {
      const x = vectors[u + i]!;
      const y = vectors[v + i]!;
      const p = queries[a + i]!;
      au += p * x;
      av += p * y;
      const s = queries[b + i]!;
      bu += s * x;
      bv += s * y;
      const t = queries[c + i]!;
      cu += t * x;
      cv += t * y;
      const w = queries[d + i]!;
      du += w * x;
      dv += w * y;
    }
    scores[r] = au;
    scores[r + 1] = av;
    scores[ROW_BLOCK + r] = bu;
    scores[ROW_BLOCK + r + 1] = bv;
    scores[2 * ROW_BLOCK + r] = cu;
    scores[2 * ROW_BLOCK + r + 1] = cv;
    scores[3 * ROW_BLOCK + r] = du;
    scores[3 * ROW_BLOCK + r + 1] = dv;
  }
  if (count % 2 === 0) return;
  for (let s = 0; s < QUERIES; s++) {
    scores[s * ROW_BLOCK + count - 1] = scorePair(queries, q + s, vectors, start + count - 1, n);
  }
}

/** scores[r] of query q and rows start+r, r < count: four rows at a time. */
function scoreOne(
  queries: Float64Array,
  q: number,
  vectors: Float32Array,
  start: number,
  count: number,
  n: number,
  scores: Float64Array,
): void {
  const at = q * n;
  let r = 0;
  for (; r + 3 < count; r += 4) {
    const a = (start + r) * n;
    const b = a + n;
    const c = b + n;
    const d = c + n;
    let sa = 0;
    let sb = 0;
    let sc = 0;
    let sd = 0;
    for (let i = 0; i < n; i++) {
      const x = queries[at + i]!;
      sa += x * vectors[a + i]!;
      sb += x * vectors[b + i]!;
      sc += x * vectors[c + i]!;
      sd += x * vectors[d + i]!;
    }
    scores[r] = sa;
    scores[r + 1] = sb;
    scores[r + 2] = sc;
    scores[r + 3] = sd;
  }
  for (; r < count; r++) scores[r] = scorePair(queries, q, vectors, start + r, n);
}

function scorePair(queries: Float64Array, q: number, vectors: Float32Array, row: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += queries[q * n + i]! * vectors[row * n + i]!;
  return sum;
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
  const scores = new Float64Array(QUERIES * ROW_BLOCK);

  /** Scores every row for every query and keeps the best. */
  const scan = (queries: Float64Array, count: number, best: Best): void => {
    for (let start = 0; start < size; start += ROW_BLOCK) {
      const rows = Math.min(ROW_BLOCK, size - start);
      for (let q = 0; q < count;) {
        const together = q + QUERIES <= count ? QUERIES : 1;
        if (together === QUERIES) scoreFour(queries, q, vectors, start, rows, dimension, scores);
        else scoreOne(queries, q, vectors, start, rows, dimension, scores);
        for (let s = 0; s < together; s++) {
          for (let r = 0; r < rows; r++) offer(best, q + s, start + r, scores[s * ROW_BLOCK + r]!);
        }
        q += together;
      }
    }
  };

  return {
    dimension,
    size,
    search(queries, k) {
      if (!Number.isInteger(k) || k < 1)
        throw new Error(`Search: k must be a positive whole number, not ${k}.`);
      const count = requireVectors('Search', queries, dimension);
      const kept = Math.min(k, size);
      const best: Best = {
        k: kept,
        scores: new Float64Array(count * kept),
        rows: new Int32Array(count * kept),
        counts: new Int32Array(count),
      };
      scan(Float64Array.from(queries), count, best);
      return Array.from({ length: count }, (_, q) =>
        Array.from({ length: kept }, (_, rank): Neighbour => {
          const at = q * kept + rank;
          return { row: best.rows[at]!, score: best.scores[at]! };
        }),
      );
    },
  };
}
