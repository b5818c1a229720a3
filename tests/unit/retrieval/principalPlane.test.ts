import { describe, expect, it } from 'vitest';
import { placesOn, principalPlane } from '../../../src/retrieval/principalPlane.ts';

/** Vectors spread along two known directions of a space of four, and a little along a third. */
function spread(): { vectors: Float32Array; places: (readonly [number, number])[] } {
  const a = [0.8, 0.6, 0, 0];
  const b = [0, 0, 0.6, 0.8];
  const c = [-0.6, 0.8, 0, 0];
  const places = Array.from({ length: 60 }, (_, i) => [3 * Math.sin(i), Math.cos(2.3 * i)] as const);
  const vectors = places.flatMap(([x, y], i) =>
    a.map((value, j) => 5 + x * value + y * (b[j] ?? 0) + 0.05 * Math.sin(7 * i) * (c[j] ?? 0)),
  );
  return { vectors: Float32Array.from(vectors), places };
}

describe('the principal plane', () => {
  it('finds the two directions of greatest spread, the greater first, and what they hold', () => {
    const { vectors } = spread();
    const { axes, shares } = principalPlane(vectors, 4);
    [0.8, 0.6, 0, 0].forEach((value, i) => expect(axes[0][i]).toBeCloseTo(value, 1));
    [0, 0, 0.6, 0.8].forEach((value, i) => expect(axes[1][i]).toBeCloseTo(value, 1));
    expect(shares[0]).toBeGreaterThan(0.85);
    expect(shares[0] + shares[1]).toBeGreaterThan(0.999);
    expect(shares[0] + shares[1]).toBeLessThanOrEqual(1 + 1e-12);
  });

  it('puts vectors where they lie, up to the mean, and new ones by the same rule', () => {
    const { vectors, places } = spread();
    const plane = principalPlane(vectors, 4);
    const found = placesOn(plane, vectors);
    const meanX = places.reduce((sum, [x]) => sum + x, 0) / places.length;
    places.forEach(([x], i) => expect(found[2 * i]).toBeCloseTo(x - meanX, 1));
    expect([...placesOn(plane, vectors.subarray(8, 12))]).toEqual([...found.subarray(4, 6)]);
  });

  it('says that one vector, or many equal ones, spread nowhere', () => {
    for (const n of [1, 5]) {
      const plane = principalPlane(new Float32Array(3 * n).fill(0.5), 3);
      expect(plane.shares).toEqual([0, 0]);
      expect([...placesOn(plane, new Float32Array([0.5, 0.5, 0.5]))].map(Math.abs)).toEqual([0, 0]);
    }
  });

  it('refuses what is no list of vectors', () => {
    expect(() => principalPlane(new Float32Array(5), 3)).toThrow('5 numbers');
    expect(() => principalPlane(new Float32Array(0), 3)).toThrow('0 numbers');
  });
});
