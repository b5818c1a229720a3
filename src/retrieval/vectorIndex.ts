import { DIMENSION_STEP, dotTiles, LONE, MANY, SCORE_STRIDE, type DotTiles } from './dotTiles.ts';

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

/** An index that is filled while it is searched. */
export interface GrowingIndex extends VectorIndex {
  /** Adds rows, flat [n, dimension], behind those that are there. @throws where there is no room for them */
  append(vectors: Float32Array): void;
  /** The rows that are there, flat [size, dimension]; not to be changed. */
  rows(): Float32Array;
}

/** Rows scanned for all queries before the next rows are touched, so that they stay in the cache. */
const ROW_BLOCK = SCORE_STRIDE;
/** Queries scanned for at a time; more of them take another pass over the rows. */
const QUERY_BLOCK = 128;
const PAGE = 65536;

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

/** Vectors in the memory of the SIMD tiles: room for queries, for scores, then the rows; all padded with zeros. */
class Rows {
  private readonly tiles: DotTiles;
  private readonly capacity: number;
  private readonly dimension: number;
  private filled = 0;
  /** Numbers from one vector to the next. */
  private readonly stride: number;
  private readonly queries: Float32Array;
  private readonly scores: Float32Array;
  private readonly stored: Float32Array;
  private readonly start: number;

  constructor(capacity: number, dimension: number) {
    this.capacity = capacity;
    this.dimension = dimension;
    this.stride = Math.ceil(dimension / DIMENSION_STEP) * DIMENSION_STEP;
    const queries = QUERY_BLOCK * this.stride;
    const scores = MANY.queries * SCORE_STRIDE;
    this.start = queries + scores;
    // A last block of rows is scored in whole tiles: the rows beyond it are zeros.
    const floats = this.start + (capacity + LONE.rows) * this.stride;
    const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * floats) / PAGE) });
    this.tiles = dotTiles(memory);
    this.queries = new Float32Array(memory.buffer, 0, queries);
    this.scores = new Float32Array(memory.buffer, 4 * queries, scores);
    this.stored = new Float32Array(memory.buffer, 4 * this.start);
  }

  get size(): number {
    return this.filled;
  }

  /** Room for vectors is made once, at the beginning: a memory that grows is copied. */
  append(vectors: Float32Array): void {
    const count = vectors.length / this.dimension;
    if (this.filled + count > this.capacity) {
      throw new Error(
        `Index: ${this.filled} and ${count} vectors are more than the ${this.capacity} it was made for.`,
      );
    }
    this.put(this.stored.subarray(this.filled * this.stride), vectors);
    this.filled += count;
  }

  /** Flat [size, dimension]: a view where nothing lies between the rows. */
  rows(): Float32Array {
    const { filled, dimension, stride, stored } = this;
    if (dimension === stride) return stored.subarray(0, filled * dimension);
    const rows = new Float32Array(filled * dimension);
    for (let v = 0; v < filled; v++)
      rows.set(stored.subarray(v * stride, v * stride + dimension), v * dimension);
    return rows;
  }

  /** Offers every row to every query of at most QUERY_BLOCK, whose bests begin at `first`. */
  scan(queries: Float32Array, first: number, best: Best): void {
    const { filled: size, stride, scores, tiles } = this;
    const count = queries.length / this.dimension;
    const out = this.scores.byteOffset;
    this.put(this.queries, queries);
    for (let start = 0; start < size; start += ROW_BLOCK) {
      const rows = Math.min(ROW_BLOCK, size - start);
      const at = 4 * (this.start + start * stride);
      for (let q = 0; q < count;) {
        const together = q + MANY.queries <= count ? MANY.queries : LONE.queries;
        const score = together === MANY.queries ? tiles.many : tiles.lone;
        score(4 * q * stride, at, out, rows, 4 * stride);
        for (let s = 0; s < together; s++) {
          for (let r = 0; r < rows; r++) offer(best, first + q + s, start + r, scores[s * SCORE_STRIDE + r]!);
        }
        q += together;
      }
    }
  }

  /** Vectors one by one to where they are `stride` apart; what lies between them is zero and stays so. */
  private put(to: Float32Array, vectors: Float32Array): void {
    const { dimension, stride } = this;
    if (dimension === stride) {
      to.set(vectors);
      return;
    }
    for (let v = 0; v * dimension < vectors.length; v++) {
      to.set(vectors.subarray(v * dimension, (v + 1) * dimension), v * stride);
    }
  }
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
 * Exact nearest neighbours by a flat scan. `vectors` is flat [size, dimension] and is copied.
 * At the sizes a tab holds (up to about 100 000 passages) a scan beats building an approximate index.
 */
export function createVectorIndex(vectors: Float32Array, dimension: number): VectorIndex {
  requireDimension(dimension);
  const index = createGrowingIndex(requireVectors('Index', vectors, dimension), dimension);
  index.append(vectors);
  return index;
}

function requireDimension(dimension: number): void {
  if (!Number.isInteger(dimension) || dimension < 1) {
    throw new Error(`Index: the dimension must be a positive whole number, not ${dimension}.`);
  }
}

/** The same, empty, with room for `capacity` vectors. */
export function createGrowingIndex(capacity: number, dimension: number): GrowingIndex {
  requireDimension(dimension);
  const stored = new Rows(capacity, dimension);

  return {
    dimension,
    get size() {
      return stored.size;
    },
    rows: () => stored.rows(),
    append(vectors) {
      requireVectors('Index', vectors, dimension);
      stored.append(vectors);
    },
    search(queries, k) {
      if (!Number.isInteger(k) || k < 1)
        throw new Error(`Search: k must be a positive whole number, not ${k}.`);
      const count = requireVectors('Search', queries, dimension);
      const kept = Math.min(k, stored.size);
      const best: Best = {
        k: kept,
        scores: new Float64Array(count * kept),
        rows: new Int32Array(count * kept),
        counts: new Int32Array(count),
      };
      for (let first = 0; first < count; first += QUERY_BLOCK) {
        const end = Math.min(count, first + QUERY_BLOCK);
        stored.scan(queries.subarray(first * dimension, end * dimension), first, best);
      }
      return Array.from({ length: count }, (_, q) =>
        Array.from({ length: kept }, (_, rank): Neighbour => {
          const at = q * kept + rank;
          return { row: best.rows[at]!, score: best.scores[at]! };
        }),
      );
    },
  };
}
