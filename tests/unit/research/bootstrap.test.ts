import { describe, expect, it } from 'vitest';
import { bootstrapMean95 } from '../../../src/research/bootstrap.ts';

describe('bootstrapMean95', () => {
  it('comes near the normal interval of a proportion', () => {
    const values = Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const [low, high] = bootstrapMean95(values, 1);
    const half = 1.96 * Math.sqrt((0.25 * 0.75) / 400);
    expect(low).toBeGreaterThan(0.25 - half - 0.01);
    expect(low).toBeLessThan(0.25 - half + 0.01);
    expect(high).toBeGreaterThan(0.25 + half - 0.01);
    expect(high).toBeLessThan(0.25 + half + 0.01);
  });

  it('is a point where there is no spread, and the same for the same seed', () => {
    expect(bootstrapMean95([1, 1, 1], 1)).toEqual([1, 1]);
    expect(bootstrapMean95([0, 1, 1], 5)).toEqual(bootstrapMean95([0, 1, 1], 5));
  });

  it('refuses an empty list', () => {
    expect(() => bootstrapMean95([], 1)).toThrow('no values');
  });
});
