// The KV cache: writing rows, and attention of single rows over a slot.

import { argF, argI, argP } from './command';
import { hsum4, madd } from './simd';
import { copyPadded } from './pack';
import { touch } from './touch';
import { exponentials, hide, largest } from './softmax';

/** Keys whose values are weighed for all heads before the next ones are read. */
const KEYS: i32 = 32;

/** Rows begin…end of cache[slots[n], positions[n], :] = x[n, :]. Arguments: x, slots, positions, cache, W, capacity. */
export function cacheWrite(begin: i32, end: i32, scratch: usize): void {
  const W = argI(4);
  const bytes = <usize>W << 2;
  const capacity = argI(5);
  for (let n = <usize>begin; n < <usize>end; n++) {
    const row = load<i32>(argP(1) + (n << 2)) * capacity + load<i32>(argP(2) + (n << 2));
    copyPadded(argP(0) + n * bytes, 0, argP(3) + <usize>row * bytes, 0, 1, W, W);
  }
}

/**
 * Rows begin…end. Scores are dot products straight from the cache, all heads of a key side by side as memory holds
 * them; the query heads of a key head share its reads.
 * Where a table of origins is given, the beginning that a slot has in common with another is read there: 64 rollouts
 * of one prompt read it from one place, which stays in the core's cache, and in the same order.
 * Arguments: q, keyCache, valueCache, slots, positions, out, capacity, Hq, Hkv, C, scale, origins (0: none).
 * Scratch: Hq·(C + capacity rounded up to 4 + 1) + 24 floats.
 */
export function attentionCached(begin: i32, end: i32, scratch: usize): void {
  const origins = argP(11);
  let last = -1;
  let lastOrigin = -1;
  for (let n = begin; n < end; n++) {
    const slot = load<i32>(argP(3) + (<usize>n << 2));
    const keys = load<i32>(argP(4) + (<usize>n << 2)) + 1;
    let origin = slot;
    let shared = 0;
    if (origins != 0) {
      origin = load<i32>(origins + (<usize>slot << 3));
      // Whole blocks of four keys.
      shared = min(load<i32>(origins + (<usize>slot << 3), 4), keys) & ~3;
    }
    attendRow(n, keys, slot, slot != last, origin, shared, origin != lastOrigin && origin != last, scratch);
    last = slot;
    lastOrigin = origin;
  }
}

/**
 * The first `shared` of the keys are read from slot `origin`, the others from `slot`. `cold`, `coldOrigin`: they were
 * not read just before.
 */
function attendRow(
  n: i32, keys: i32, slot: i32, cold: bool, origin: i32, shared: i32, coldOrigin: bool, scratch: usize,
): void {
  const heads = argI(7);
  const kvHeads = argI(8);
  const C = argI(9);
  const scale = argF(10);
  const group = heads / kvHeads;
  const ldq = <usize>(heads * C) << 2;
  const ld = <usize>(kvHeads * C) << 2;
  const ldh = <usize>C << 2;
  const base = <usize>slot * <usize>argI(6) * ld;
  const sharedBase = <usize>origin * <usize>argI(6) * ld;
  const padded = (keys + 3) & ~3;
  const lds = <usize>padded << 2;
  const query = scratch + 64;
  const scores = query + ((ldq + 15) & ~15);
  const asked = argP(0) + <usize>n * ldq;
  for (let i: usize = 0; i < ldq; i += 4) store<f32>(query + i, load<f32>(asked + i) * scale);
  if (coldOrigin) touch(argP(1) + sharedBase, <usize>shared * ld, scratch);
  for (let j = 0; j < keys; j += 4) {
    const own = j >= shared;
    const from = argP(1) + (own ? base : sharedBase);
    if (own && cold && (j - shared) % KEYS == 0) touch(from + <usize>j * ld, <usize>min(KEYS, keys - j) * ld, scratch);
    const last = from + <usize>(keys - 1) * ld;
    let k0 = from + <usize>j * ld;
    let k1 = min(k0 + ld, last);
    let k2 = min(k1 + ld, last);
    let k3 = min(k2 + ld, last);
    let q = query;
    let to = scores + (<usize>j << 2);
    for (let kv = 0; kv < kvHeads; kv++) {
      let g = 0;
      for (; g + 2 <= group; g += 2) {
        dotFourTwice(q, q + ldh, k0, k1, k2, k3, C, to, to + lds);
        q += ldh << 1;
        to += lds << 1;
      }
      if (g < group) {
        v128.store(to, dotFour(q, k0, k1, k2, k3, C));
        q += ldh;
        to += lds;
      }
      k0 += ldh;
      k1 += ldh;
      k2 += ldh;
      k3 += ldh;
    }
  }
  const totals = scores + <usize>heads * lds;
  for (let h: usize = 0; h < <usize>heads; h++) {
    const row = scores + h * lds;
    hide(row, keys, padded);
    store<f32>(totals + (h << 2), exponentials(row, lds, largest(row, lds)));
  }
  const out = argP(5) + <usize>n * ldq;
  for (let i: usize = 0; i < ldq; i += 4) store<f32>(out + i, 0);
  // All heads of some keys before the next keys: the cache is read once, from front to back.
  for (let j = 0; j < keys;) {
    const own = j >= shared;
    const count = min(KEYS, (own ? keys : shared) - j);
    const value = argP(2) + (own ? base : sharedBase) + <usize>j * ld;
    if (own ? cold : coldOrigin) touch(value, <usize>count * ld, scratch);
    let weights = scores + (<usize>j << 2);
    let to = out;
    for (let kv = 0; kv < kvHeads; kv++) {
      const v = value + <usize>kv * ldh;
      let g = 0;
      for (; g + 2 <= group; g += 2) {
        addWeightedTwice(weights, weights + lds, v, ld, C, count, to, to + ldh);
        weights += lds << 1;
        to += ldh << 1;
      }
      if (g < group) {
        addWeighted(weights, v, ld, C, count, to);
        weights += lds;
        to += ldh;
      }
    }
    j += count;
  }
  for (let h: usize = 0; h < <usize>heads; h++) {
    const factor: f32 = 1 / load<f32>(totals + (h << 2));
    const row = out + h * ldh;
    for (let i: usize = 0; i < ldh; i += 4) store<f32>(row + i, load<f32>(row + i) * factor);
  }
}

/** `dotFour` of two queries that share the keys: the same sums, each key read once. */
function dotFourTwice(
  a: usize, b: usize, k0: usize, k1: usize, k2: usize, k3: usize, C: i32, toA: usize, toB: usize,
): void {
  if ((C & 3) != 0) {
    v128.store(toA, dotFour(a, k0, k1, k2, k3, C));
    v128.store(toB, dotFour(b, k0, k1, k2, k3, C));
    return;
  }
  const end = a + (<usize>C << 2);
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (; a < end; a += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    let key = v128.load(k0);
    a0 = madd(x, key, a0);
    b0 = madd(y, key, b0);
    key = v128.load(k1);
    a1 = madd(x, key, a1);
    b1 = madd(y, key, b1);
    key = v128.load(k2);
    a2 = madd(x, key, a2);
    b2 = madd(y, key, b2);
    key = v128.load(k3);
    a3 = madd(x, key, a3);
    b3 = madd(y, key, b3);
    b += 16;
    k0 += 16;
    k1 += 16;
    k2 += 16;
    k3 += 16;
  }
  v128.store(toA, hsum4(a0, a1, a2, a3));
  v128.store(toB, hsum4(b0, b1, b2, b3));
}

/** `addWeighted` of two heads that share the values: the same sums, each value read once. */
function addWeightedTwice(
  wa: usize, wb: usize, value: usize, ld: usize, C: i32, keys: i32, a: usize, b: usize,
): void {
  const bytes = <usize>C << 2;
  let c: usize = 0;
  for (; c + 64 <= bytes; c += 64) addSixteenTwice(wa, wb, value + c, ld, keys, a + c, b + c);
  if (c < bytes) {
    const rest = <i32>((bytes - c) >> 2);
    addWeighted(wa, value + c, ld, rest, keys, a + c);
    addWeighted(wb, value + c, ld, rest, keys, b + c);
  }
}

function addSixteenTwice(wa: usize, wb: usize, value: usize, ld: usize, keys: i32, a: usize, b: usize): void {
  const end = wa + (<usize>keys << 2);
  let a0 = v128.load(a);
  let a1 = v128.load(a, 16);
  let a2 = v128.load(a, 32);
  let a3 = v128.load(a, 48);
  let b0 = v128.load(b);
  let b1 = v128.load(b, 16);
  let b2 = v128.load(b, 32);
  let b3 = v128.load(b, 48);
  for (; wa < end; wa += 4) {
    const x = v128.load32_splat(wa);
    const y = v128.load32_splat(wb);
    let v = v128.load(value);
    a0 = madd(x, v, a0);
    b0 = madd(y, v, b0);
    v = v128.load(value, 16);
    a1 = madd(x, v, a1);
    b1 = madd(y, v, b1);
    v = v128.load(value, 32);
    a2 = madd(x, v, a2);
    b2 = madd(y, v, b2);
    v = v128.load(value, 48);
    a3 = madd(x, v, a3);
    b3 = madd(y, v, b3);
    wb += 4;
    value += ld;
  }
  v128.store(a, a0);
  v128.store(a, a1, 16);
  v128.store(a, a2, 32);
  v128.store(a, a3, 48);
  v128.store(b, b0);
  v128.store(b, b1, 16);
  v128.store(b, b2, 32);
  v128.store(b, b3, 48);
}

/** The dot products of a query with four keys. */
@inline function dotFour(query: usize, k0: usize, k1: usize, k2: usize, k3: usize, C: i32): v128 {
  const full = query + (<usize>(C & ~3) << 2);
  const end = query + (<usize>C << 2);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; query < full; query += 16) {
    const x = v128.load(query);
    s0 = madd(x, v128.load(k0), s0);
    s1 = madd(x, v128.load(k1), s1);
    s2 = madd(x, v128.load(k2), s2);
    s3 = madd(x, v128.load(k3), s3);
    k0 += 16;
    k1 += 16;
    k2 += 16;
    k3 += 16;
  }
  let sum = hsum4(s0, s1, s2, s3);
  for (; query < end; query += 4) {
    let tail = f32x4.splat(load<f32>(k0));
    tail = f32x4.replace_lane(tail, 1, load<f32>(k1));
    tail = f32x4.replace_lane(tail, 2, load<f32>(k2));
    tail = f32x4.replace_lane(tail, 3, load<f32>(k3));
    sum = madd(v128.load32_splat(query), tail, sum);
    k0 += 4;
    k1 += 4;
    k2 += 4;
    k3 += 4;
  }
  return sum;
}

/** out[c] += Σ_j weight[j] · value[j][c]. */
function addWeighted(weights: usize, value: usize, ld: usize, C: i32, keys: i32, out: usize): void {
  const bytes = <usize>C << 2;
  let c: usize = 0;
  for (; c + 64 <= bytes; c += 64) addSixteen(weights, value + c, ld, keys, out + c);
  for (; c + 16 <= bytes; c += 16) addFour(weights, value + c, ld, keys, out + c);
  for (; c < bytes; c += 4) {
    let sum = load<f32>(out + c);
    let from = value + c;
    for (let j: usize = 0; j < <usize>keys; j++) {
      sum += load<f32>(weights + (j << 2)) * load<f32>(from);
      from += ld;
    }
    store<f32>(out + c, sum);
  }
}

/** Four channels of `addWeighted`. */
function addFour(weights: usize, value: usize, ld: usize, keys: i32, out: usize): void {
  const end = weights + (<usize>keys << 2);
  let sum = v128.load(out);
  for (; weights < end; weights += 4) {
    sum = madd(v128.load32_splat(weights), v128.load(value), sum);
    value += ld;
  }
  v128.store(out, sum);
}

/** Sixteen channels of `addWeighted`. */
function addSixteen(weights: usize, value: usize, ld: usize, keys: i32, out: usize): void {
  const end = weights + (<usize>keys << 2);
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  for (; weights < end; weights += 4) {
    const w = v128.load32_splat(weights);
    s0 = madd(w, v128.load(value), s0);
    s1 = madd(w, v128.load(value, 16), s1);
    s2 = madd(w, v128.load(value, 32), s2);
    s3 = madd(w, v128.load(value, 48), s3);
    value += ld;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}
