import { describe, expect, it } from 'vitest';
import {
  fitted,
  middles,
  panned,
  pointNear,
  toPage,
  withoutOverlap,
  zoomed,
} from '../../../src/app/corpus/camera.ts';

const size = { width: 400, height: 300 };
const at = Float32Array.from([-1, -1, 3, 1, 0, 0.5]);
const home = fitted(at, size);

describe('the camera of the map', () => {
  it('has all points in sight, with the second axis upwards', () => {
    for (let i = 0; i < 3; i++) {
      const [x, y] = toPage(home, size, [at[2 * i] ?? 0, at[2 * i + 1] ?? 0]);
      expect(x).toBeGreaterThanOrEqual(36);
      expect(x).toBeLessThanOrEqual(364);
      expect(y).toBeGreaterThanOrEqual(36);
      expect(y).toBeLessThanOrEqual(264);
    }
    expect(toPage(home, size, [3, 1])[1]).toBeLessThan(toPage(home, size, [-1, -1])[1]);
    expect(fitted(new Float32Array(), size).scale).toBeGreaterThan(0);
    expect(Number.isFinite(fitted(Float32Array.from([2, 2]), size).scale)).toBe(true);
  });

  it('holds what lies under the pointer while it zooms, between all of it and 60 times nearer', () => {
    const near = zoomed(home, size, [100, 50], 3, home);
    expect(near.scale).toBeCloseTo(3 * home.scale);
    const under = (camera: typeof home) => pointNear(at, camera, size, [100, 50], Infinity);
    expect(under(near)).toBe(under(home));
    const back = zoomed(near, size, [100, 50], 1 / 3, home);
    expect(back.x).toBeCloseTo(home.x);
    expect(zoomed(home, size, [0, 0], 0.1, home).scale).toBe(home.scale);
    expect(zoomed(home, size, [0, 0], 1e6, home).scale).toBe(60 * home.scale);
  });

  it('moves with the hand', () => {
    const before = toPage(home, size, [0, 0.5]);
    const after = toPage(panned(home, 10, -7), size, [0, 0.5]);
    expect(after[0] - before[0]).toBeCloseTo(10);
    expect(after[1] - before[1]).toBeCloseTo(-7);
  });

  it('finds the nearest point within reach only', () => {
    const [x, y] = toPage(home, size, [0, 0.5]);
    expect(pointNear(at, home, size, [x + 3, y], 8)).toBe(2);
    expect(pointNear(at, home, size, [x + 30, y - 30], 8)).toBeUndefined();
  });
});

describe('labels', () => {
  it('give way to those before them', () => {
    const label = (text: string, x: number) => ({ text, x, y: 0, width: 10, height: 10 });
    const places = (...labels: readonly ReturnType<typeof label>[][]) =>
      withoutOverlap(labels, [label('a mark', 30)]).map(({ text, x }) => [text, x]);
    expect(places([label('a', 0)], [label('b', 5)], [label('c', 10)])).toEqual([
      ['a', 0],
      ['c', 10],
    ]);
    expect(places([label('a', 25), label('a', 45)], [label('b', 40), label('b', 14)])).toEqual([
      ['a', 45],
      ['b', 14],
    ]);
  });

  it('of kinds stand at the median, the commonest first', () => {
    const places = Float32Array.from([0, 0, 2, 2, 90, 4, 5, 5, 7, 7]);
    expect(middles(places, ['a', 'a', 'a', 'b', undefined])).toEqual([
      { kind: 'a', count: 3, at: [2, 2] },
      { kind: 'b', count: 1, at: [5, 5] },
    ]);
  });

  it('of kinds are found of a large corpus too', () => {
    const n = 200_001;
    const places = Float32Array.from({ length: 2 * n }, (_, i) => i >> 1);
    const found = middles(places, Array<string>(n).fill('a'));
    expect(found).toEqual([{ kind: 'a', count: n, at: [100_000, 100_000] }]);
  });
});
