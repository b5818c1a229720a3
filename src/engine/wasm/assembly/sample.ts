// Sampling: one draw a row, by the counter-based hash of engine/random.ts.

import { argF, argI, argP } from './command';
import { exp4, hmax, log1 } from './simd';

@inline function mix32(x: u32): u32 {
  let h = x;
  h = (h ^ (h >> 16)) * 0x7feb352d;
  h = (h ^ (h >> 15)) * 0x846ca68b;
  return h ^ (h >> 16);
}

/** Uniform in [0, 1) with 24 bits for the key (seed, rollout, position). */
@inline function counterUniform(seed: u32, rollout: u32, position: u32): f64 {
  let h = mix32(seed ^ 0x9e3779b9);
  h = mix32(h + rollout * 0x85ebca6b);
  h = mix32(h + position * 0xc2b2ae35);
  return <f64>(h >> 8) / 16777216.0;
}

/**
 * Rows begin…end. Arguments: logits, keys, ids, logprob, entropy, V, temperature, topK, topP.
 * Scratch: V rounded up to 4 floats.
 */
export function sample(begin: i32, end: i32, scratch: usize): void {
  const V = argI(5);
  const temperature = argF(6);
  const topK = argI(7);
  const topP = argF(8);
  const greedy = temperature == 0;
  const inverse: f32 = greedy ? 1 : 1 / temperature;
  for (let n = <usize>begin; n < <usize>end; n++) {
    const z = argP(0) + n * (<usize>V << 2);
    const best = argmax(z, V);
    const most = load<f32>(z + (<usize>best << 2));
    const total = exponentials(z, V, most, inverse, scratch);
    const logTotal = <f64>log1(<f32>total);
    let id = best;
    if (!greedy) {
      const key = argP(1) + n * 12;
      const u = counterUniform(load<u32>(key), load<u32>(key, 4), load<u32>(key, 8));
      id = draw(scratch, V, total, topK, topP, u);
    }
    store<i32>(argP(2) + (n << 2), id);
    const shifted = <f64>(load<f32>(z + (<usize>id << 2)) - most) * <f64>inverse;
    store<f32>(argP(3) + (n << 2), <f32>(shifted - logTotal));
    store<f32>(argP(4) + (n << 2), <f32>(logTotal - weightedMean(z, V, most, inverse, scratch) / total));
  }
}

/** The lowest id with the largest logit. */
function argmax(z: usize, V: i32): i32 {
  const full = <usize>(V & ~3) << 2;
  const bytes = <usize>V << 2;
  let tops = f32x4.splat(-Infinity);
  let i: usize = 0;
  for (; i < full; i += 16) tops = f32x4.pmax(tops, v128.load(z + i));
  let most = hmax(tops);
  for (; i < bytes; i += 4) most = max<f32>(most, load<f32>(z + i));
  const wanted = f32x4.splat(most);
  i = 0;
  while (i < full && !v128.any_true(f32x4.eq(v128.load(z + i), wanted))) i += 16;
  while (i < bytes && load<f32>(z + i) != most) i += 4;
  // No logit is a number: the first stands for them.
  return i < bytes ? <i32>(i >> 2) : 0;
}

/** p[v] = exp((z[v] − most)·inverse), zero past V up to a multiple of 4; returns Σ p. */
function exponentials(z: usize, V: i32, most: f32, inverse: f32, p: usize): f64 {
  const shift = f32x4.splat(most);
  const scale = f32x4.splat(inverse);
  const full = <usize>(V & ~3) << 2;
  const bytes = <usize>V << 2;
  let i: usize = 0;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; i < full; i += 16) {
    const e = exp4(f32x4.mul(f32x4.sub(v128.load(z + i), shift), scale));
    v128.store(p + i, e);
    low = f64x2.add(low, f64x2.promote_low_f32x4(e));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(e, e, 2, 3, 2, 3)));
  }
  const both = f64x2.add(low, high);
  let total = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  if (i < bytes) {
    v128.store(p + i, f32x4.splat(0));
    for (; i < bytes; i += 4) {
      const e = exp4(f32x4.mul(f32x4.sub(v128.load32_splat(z + i), shift), scale));
      store<f32>(p + i, f32x4.extract_lane(e, 0));
      total += <f64>f32x4.extract_lane(e, 0);
    }
  }
  return total;
}

/** Σ p·(z − most)·inverse; p is 0 past V. */
function weightedMean(z: usize, V: i32, most: f32, inverse: f32, p: usize): f64 {
  const shift = f32x4.splat(most);
  // Where p is 0 the logit may be −∞, or lie past the row: the mask keeps 0·∞ and NaN out of the sum.
  const zero = f32x4.splat(0);
  const bytes = <usize>V << 2;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const weight = v128.load(p + i);
    const x = f32x4.sub(v128.load(z + i), shift);
    const part = v128.and(f32x4.mul(weight, x), f32x4.gt(weight, zero));
    low = f64x2.add(low, f64x2.promote_low_f32x4(part));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(part, part, 2, 3, 2, 3)));
  }
  const both = f64x2.add(low, high);
  return (f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)) * <f64>inverse;
}

/** How many of p[0…V] are at least `floor`. */
function countAtLeast(p: usize, V: i32, floor: f32): i32 {
  const bound = f32x4.splat(floor);
  let counts = i32x4.splat(0);
  const bytes = <usize>((V + 3) & ~3) << 2;
  // A lane of the comparison is −1 where it holds.
  for (let i: usize = 0; i < bytes; i += 16) counts = i32x4.sub(counts, f32x4.ge(v128.load(p + i), bound));
  return (
    i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3)
  );
}

/** Mass of the p[0…V] that are at least `floor`. */
function massAtLeast(p: usize, V: i32, floor: f32): f64 {
  const bound = f32x4.splat(floor);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const bytes = <usize>((V + 3) & ~3) << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(p + i);
    const kept = v128.and(x, f32x4.ge(x, bound));
    low = f64x2.add(low, f64x2.promote_low_f32x4(kept));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(kept, kept, 2, 3, 2, 3)));
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/** Bits of the float after x. */
@inline function nextUp(x: f32): f32 {
  return reinterpret<f32>(reinterpret<u32>(x) + 1);
}

/** Tokens passed over at once. */
const BLOCK: i32 = 16;

/** Σ p of a block. */
@inline function blockSum(p: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let i: usize = 0; i < <usize>BLOCK << 2; i += 16) {
    const x = v128.load(p + i);
    low = f64x2.add(low, f64x2.promote_low_f32x4(x));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3)));
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/**
 * The inverse CDF in vocabulary order over the kept tokens. Tokens are ranked by p, lower ids first among
 * equals; `floor` is the p of the last kept rank and `ties` how many tokens of exactly that p are kept.
 */
function draw(p: usize, V: i32, total: f64, topK: i32, topP: f32, u: f64): i32 {
  let floor: f32 = 0;
  let ties = V;
  if (topK > 0 && topK < V) {
    // Non-negative floats order like their bits: bisect for the largest floor that keeps k tokens.
    let low: u32 = 0;
    let high: u32 = 0x3f800001;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (countAtLeast(p, V, reinterpret<f32>(middle)) >= topK) low = middle;
      else high = middle;
    }
    floor = reinterpret<f32>(low);
    ties = topK - countAtLeast(p, V, nextUp(floor));
  }
  if (topP < 1) {
    const need = <f64>topP * total;
    let low: u32 = 0;
    let high: u32 = 0x3f800001;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (massAtLeast(p, V, reinterpret<f32>(middle)) >= need) low = middle;
      else high = middle;
    }
    const massFloor = reinterpret<f32>(low);
    const above = massAtLeast(p, V, nextUp(massFloor));
    const massTies = massFloor > 0 ? max(<i32>Math.ceil((need - above) / <f64>massFloor), above > 0 ? 0 : 1) : V;
    if (massFloor > floor) {
      floor = massFloor;
      ties = massTies;
    } else if (massFloor == floor) {
      ties = min(ties, massTies);
    }
  }
  let kept = massAtLeast(p, V, nextUp(floor));
  let left = ties;
  if (floor > 0) {
    const equal = countAtLeast(p, V, floor) - countAtLeast(p, V, nextUp(floor));
    kept += <f64>floor * <f64>min(equal, ties);
  }
  const goal = u * kept;
  let sum: f64 = 0;
  let last = 0;
  let v = 0;
  if (floor == 0) {
    // Every token is kept: whole blocks are passed over until one reaches the goal.
    for (; v + BLOCK <= V; v += BLOCK) {
      const next = sum + blockSum(p + (<usize>v << 2));
      if (next > goal) break;
      sum = next;
    }
  }
  for (; v < V; v++) {
    const x = load<f32>(p + (<usize>v << 2));
    if (x < floor || x == 0) continue;
    if (x == floor) {
      if (left <= 0) continue;
      left--;
    }
    sum += <f64>x;
    last = v;
    if (sum > goal) return v;
  }
  // Rounding kept the sum below the goal: the last kept token.
  if (floor == 0) for (last = V - 1; last > 0 && load<f32>(p + (<usize>last << 2)) == 0; ) last--;
  return last;
}
