import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVectorIndex, type Neighbour } from '../../../src/retrieval/vectorIndex.ts';

const plainDot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** All scores by a double loop, then a stable sort. */
function naive(
  vectors: Float32Array,
  query: Float32Array,
  dimension: number,
  k: number,
  dot = plainDot,
): Neighbour[] {
  const all: Neighbour[] = [];
  for (let row = 0; row < vectors.length / dimension; row++) {
    all.push({ row, score: dot(vectors.subarray(row * dimension, (row + 1) * dimension), query) });
  }
  return all.sort((a, b) => b.score - a.score).slice(0, k);
}

/** Four interleaved sums at 32 bits, as the tiles are said to add: their slow twin. */
function dot32(a: Float32Array, b: Float32Array): number {
  const f = Math.fround;
  const sums = [0, 0, 0, 0];
  a.forEach((x, i) => (sums[i % 4] = f(sums[i % 4]! + f(x * b[i]!))));
  return f(f(sums[0]! + sums[1]!) + f(sums[2]! + sums[3]!));
}

/** Whole numbers: sums are exact in any order, so that ties are ties in both. */
const wholeVectors = (rows: fc.Arbitrary<number>) =>
  fc.tuple(fc.integer({ min: 1, max: 11 }), rows).chain(([dimension, count]) =>
    fc.record({
      dimension: fc.constant(dimension),
      data: fc
        .array(fc.integer({ min: -3, max: 3 }), {
          minLength: count * dimension,
          maxLength: count * dimension,
        })
        .map((numbers) => Float32Array.from(numbers)),
    }),
  );

describe('createVectorIndex', () => {
  it('finds what a naive scan finds, ties in the order of the rows, any k', () => {
    fc.assert(
      fc.property(
        wholeVectors(fc.integer({ min: 0, max: 40 })),
        fc.integer({ min: 1, max: 50 }),
        fc.infiniteStream(fc.integer({ min: -3, max: 3 })),
        ({ dimension, data }, k, stream) => {
          const queries = Float32Array.from({ length: 5 * dimension }, () => stream.next().value as number);
          const found = createVectorIndex(data, dimension).search(queries, k);
          expect(found).toEqual(
            Array.from({ length: 5 }, (_, q) =>
              naive(data, queries.subarray(q * dimension, (q + 1) * dimension), dimension, k),
            ),
          );
        },
      ),
    );
  });

  it('scans past a block of rows', () => {
    const vectors = Float32Array.from({ length: 1000 }, (_, row) => (row === 700 ? 2 : 1));
    expect(createVectorIndex(vectors, 1).search(Float32Array.of(1), 3)[0]).toEqual([
      { row: 700, score: 2 },
      { row: 0, score: 1 },
      { row: 1, score: 1 },
    ]);
  });

  it('scores as its slow twin does, to the last bit, for any number of rows and queries', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 11 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer(),
        (dimension, rows, count, k, seed) => {
          const noise = (length: number, from: number) =>
            Float32Array.from({ length }, (_, i) => (Math.sin(i * 12.9898 + from) * 43758.5453) % 1);
          const data = noise(rows * dimension, seed);
          const queries = noise(count * dimension, seed + 1);
          expect(createVectorIndex(data, dimension).search(queries, k)).toEqual(
            Array.from({ length: count }, (_, q) =>
              naive(data, queries.subarray(q * dimension, (q + 1) * dimension), dimension, k, dot32),
            ),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is as near to the sum at 64 bits as 32 bits can be', () => {
    const dimension = 384;
    const unit = (seed: number): Float32Array => {
      const raw = Float64Array.from({ length: dimension }, (_, i) => Math.sin(i * 12.9898 + seed) * 43.7);
      const length = Math.hypot(...raw);
      return Float32Array.from(raw, (x) => x / length);
    };
    const [a, b] = [unit(1), unit(2)];
    const score = createVectorIndex(a, dimension).search(b, 1)[0]?.[0]?.score ?? NaN;
    expect(Math.abs(score - plainDot(a, b))).toBeLessThan(1e-6);
  });

  it('answers more queries than one pass takes', () => {
    const vectors = Float32Array.from({ length: 300 }, (_, row) => row);
    const queries = Float32Array.from({ length: 300 }, (_, q) => (q % 2 === 0 ? 1 : -1));
    const found = createVectorIndex(vectors, 1).search(queries, 1);
    expect(found.map(([best]) => best?.row)).toEqual(Array.from(queries, (q) => (q === 1 ? 299 : 0)));
  });

  it('gives a query the same bits alone and in a batch', () => {
    const dimension = 37;
    const noise = (length: number, seed: number) =>
      Float32Array.from({ length }, (_, i) => (Math.sin(i * 12.9898 + seed) * 43758.5453) % 1);
    const index = createVectorIndex(noise(300 * dimension, 1), dimension);
    const queries = noise(7 * dimension, 2);
    const alone = Array.from(
      { length: 7 },
      (_, q) => index.search(queries.subarray(q * dimension, (q + 1) * dimension), 5)[0],
    );
    expect(index.search(queries, 5)).toEqual(alone);
  });

  it('refuses numbers that do not fit', () => {
    expect(() => createVectorIndex(new Float32Array(7), 3)).toThrow(/7 numbers .* dimension 3/);
    expect(() => createVectorIndex(new Float32Array(4), 0)).toThrow(/dimension/);
    expect(() => createVectorIndex(Float32Array.of(0, 0, 0, NaN), 2)).toThrow(/vector 1 holds NaN/);
    const index = createVectorIndex(new Float32Array(6), 3);
    expect(() => index.search(new Float32Array(4), 1)).toThrow(/4 numbers .* dimension 3/);
    expect(() => index.search(new Float32Array(3), 0)).toThrow(/k must be/);
  });
});
