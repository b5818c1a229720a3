/** Two-sided 95 % points of Student's t by degrees of freedom, 1 to 10. */
const t95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/**
 * Student's 95 % interval of a mean over seeds, each of which trained, and was asked, on its own.
 * @throws if there are no values, or more than 11
 */
export function meanInterval(values: readonly number[]): Interval {
  const m = mean(values);
  if (values.length === 1) return { mean: m, low: m, high: m };
  const t = t95[values.length - 2];
  if (t === undefined) throw new RangeError(`an interval over ${String(values.length)} seeds`);
  const variance = values.reduce((sum, value) => sum + (value - m) ** 2, 0) / (values.length - 1);
  const half = t * Math.sqrt(variance / values.length);
  return { mean: m, low: m - half, high: m + half };
}

/** Means and ranges at each step, over runs of equal length. */
export function bandOf<T>(runs: readonly (readonly T[])[], value: (row: T) => number) {
  const length = Math.min(...runs.map((run) => run.length));
  return Array.from({ length }, (_, i) => {
    const at = runs.flatMap((run) => {
      const row = run[i];
      return row === undefined ? [] : [value(row)];
    });
    return { x: i + 1, y: mean(at), low: Math.min(...at), high: Math.max(...at) };
  });
}
