/**
 * Percentile bootstrap of a mean (Efron 1979): bounds between which the mean lies in 95 % of resamples.
 * @param values one number a question, such as its EM
 * @param seed same seed, same bounds
 * @throws if there are no values
 */
export function bootstrapMean95(
  values: readonly number[],
  seed: number,
  resamples = 2000,
): readonly [number, number] {
  const n = values.length;
  if (n === 0) throw new Error('Bootstrap: no values to resample.');
  const uniform = mulberry32(seed);
  const means: number[] = [];
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[Math.floor(uniform() * n)] ?? 0;
    means.push(sum / n);
  }
  means.sort((a, b) => a - b);
  const at = (share: number): number => means[Math.round(share * (resamples - 1))] ?? 0;
  return [at(0.025), at(0.975)];
}

/** Tommy Ettinger's 32-bit generator, uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
