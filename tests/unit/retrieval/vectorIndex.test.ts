import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVectorIndex, type Neighbour } from '../../../src/retrieval/vectorIndex.ts';

/** All scores by a double loop, then a stable sort. */
function naive(vectors: Float32Array, query: Float32Array, dimension: number, k: number): Neighbour[] {
  const all: Neighbour[] = [];
  for (let row = 0; row < vectors.length / dimension; row++) {
    let score = 0;
    for (let d = 0; d < dimension; d++) score += vectors[row * dimension + d]! * query[d]!;
    all.push({ row, score });
  }
  return all.sort((a, b) => b.score - a.score).slice(0, k);
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

  it('scores as a double loop does, to the last bit, for any number of rows and queries', () => {
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
              naive(data, queries.subarray(q * dimension, (q + 1) * dimension), dimension, k),
            ),
          );
        },
      ),
      { numRuns: 40 },
    );
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
