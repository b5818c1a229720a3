// The KV cache: writing rows, and attention of single rows over a slot.

import { argF, argI, argP } from './command';
import { addWeighted, addWeightedTwice, dotFour, dotFourTwice } from './cacheSums';
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
