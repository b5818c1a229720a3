/**
 * Counter-based random numbers: a draw is a pure function of (seed, rollout, position), so a rollout's text
 * depends neither on who shares its batch nor on which backend runs it. 32-bit integer arithmetic only, the
 * same in TypeScript, AssemblyScript and WGSL.
 *
 * Mixing: the `lowbias32` finaliser (Chris Wellons, hash-prospector), chained over the three keys.
 */

/** One round of lowbias32: a bijection of 32-bit integers with good avalanche. */
export function mix32(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b) >>> 0;
  return (h ^ (h >>> 16)) >>> 0;
}

/** 32 random bits for the key (seed, rollout, position). */
export function counterBits(seed: number, rollout: number, position: number): number {
  let h = mix32((seed ^ 0x9e3779b9) >>> 0);
  h = mix32((h + Math.imul(rollout, 0x85ebca6b)) >>> 0);
  h = mix32((h + Math.imul(position, 0xc2b2ae35)) >>> 0);
  return h;
}

/** Uniform in [0, 1) with 24 bits, exact in f32: (bits >>> 8) / 2^24. */
export function counterUniform(seed: number, rollout: number, position: number): number {
  return (counterBits(seed, rollout, position) >>> 8) / 16777216;
}
