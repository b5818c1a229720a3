// The KV cache: writing rows, and attention of single rows over a slot.

import { argF, argI, argP, ZEROS } from './command';
import { hsum4, madd } from './simd';
import { packRows } from './pack';
import { exponentials, hide, largest } from './softmax';
import { rowTiles } from './tiles';

/** Query heads scored together: rows of one slot share the packing of its keys. */
const SHARED: i32 = 16;
/** Largest part of a cache read ahead as a whole: it and its pair fit the second-level cache. */
const TOUCHED: usize = 262144;
/** Keys whose values are weighed for all heads before the next ones are read. */
const KEYS: i32 = 32;

/** Rows begin…end of cache[slots[n], positions[n], :] = x[n, :]. Arguments: x, slots, positions, cache, W, capacity. */
export function cacheWrite(begin: i32, end: i32, scratch: usize): void {
  const bytes = <usize>argI(4) << 2;
  const capacity = argI(5);
  for (let n = <usize>begin; n < <usize>end; n++) {
    const row = load<i32>(argP(1) + (n << 2)) * capacity + load<i32>(argP(2) + (n << 2));
    memory.copy(argP(3) + <usize>row * bytes, argP(0) + n * bytes, bytes);
  }
}

/**
 * Row blocks begin…end, each `rowBlock` rows by all key heads. Consecutive rows of one slot are scored together;
 * a score sums over channels in order, whoever is scored beside it.
 * Arguments: q, keyCache, valueCache, slots, positions, out, N, capacity, Hq, Hkv, C, scale, rowBlock.
 * Scratch: 16 floats, and Hq·(C + keys + 1) + 4 where Hq = Hkv, else most·(1 + Cp + C + keys) + C·keys + 8, with
 * most = max(16, Hq/Hkv), keys = capacity rounded up to 8, Cp = C rounded up to 8.
 */
export function attentionCached(begin: i32, end: i32, scratch: usize): void {
  const slots = argP(3);
  const positions = argP(4);
  const N = argI(6);
  const Hq = argI(8);
  const Hkv = argI(9);
  const rowBlock = argI(12);
  const group = Hq / Hkv;
  const most = max(1, SHARED / group);
  for (let block = begin; block < end; block++) {
    let n = block * rowBlock;
    const last = min(N, n + rowBlock);
    while (n < last) {
      const slot = load<i32>(slots + (<usize>n << 2));
      let rows = 0;
      let reach = 0;
      while (rows < most && n + rows < last && load<i32>(slots + (<usize>(n + rows) << 2)) == slot) {
        reach = max(reach, load<i32>(positions + (<usize>(n + rows) << 2)) + 1);
        rows++;
      }
      if (group == 1) {
        for (let r = 0; r < rows; r++) attendAlone(n + r, slot, r == 0, scratch);
      } else {
        for (let head = 0; head < Hkv; head++) attendSlot(n, rows, slot, reach, head, scratch);
      }
      n += rows;
    }
  }
}

/**
 * Row n of a model whose every query head has its own key head: nothing is shared, so scores are dot products
 * straight from the cache, all heads of a key side by side as memory holds them. `cold`: the slot was not read
 * just before.
 */
function attendAlone(n: i32, slot: i32, cold: bool, scratch: usize): void {
  const keys = load<i32>(argP(4) + (<usize>n << 2)) + 1;
  const heads = argI(9);
  const C = argI(10);
  const scale = argF(11);
  const ld = <usize>(heads * C) << 2;
  const ldh = <usize>C << 2;
  const base = <usize>slot * <usize>argI(7) * ld;
  const padded = (keys + 3) & ~3;
  const lds = <usize>padded << 2;
  const query = scratch + 64;
  const scores = query + ((ld + 15) & ~15);
  for (let i: usize = 0; i < ld; i += 4) {
    store<f32>(query + i, load<f32>(argP(0) + <usize>n * ld + i) * scale);
  }
  const last = argP(1) + base + <usize>(keys - 1) * ld;
  for (let j = 0; j < keys; j += 4) {
    if (cold && j % KEYS == 0) touch(argP(1) + base + <usize>j * ld, <usize>min(KEYS, keys - j) * ld, scratch);
    let k0 = argP(1) + base + <usize>j * ld;
    let k1 = min(k0 + ld, last);
    let k2 = min(k1 + ld, last);
    let k3 = min(k2 + ld, last);
    for (let h = 0; h < heads; h++) {
      const to = scores + <usize>h * lds + (<usize>j << 2);
      v128.store(to, dotFour(query + <usize>h * ldh, k0, k1, k2, k3, C));
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
  const out = argP(5) + <usize>n * ld;
  memory.fill(out, 0, ld);
  // All heads of some keys before the next keys: the cache is read once, from front to back.
  for (let j = 0; j < keys; j += KEYS) {
    const count = min(KEYS, keys - j);
    const value = argP(2) + base + <usize>j * ld;
    if (cold) touch(value, <usize>count * ld, scratch);
    for (let h = 0; h < heads; h++) {
      const offset = <usize>h * ldh;
      addWeighted(scores + <usize>h * lds + (<usize>j << 2), value + offset, ld, C, count, out + offset);
    }
  }
  for (let h: usize = 0; h < <usize>heads; h++) {
    const factor: f32 = 1 / load<f32>(totals + (h << 2));
    const row = out + h * ldh;
    for (let i: usize = 0; i < ldh; i += 4) store<f32>(row + i, load<f32>(row + i) * factor);
  }
}

/** Rows n… of one slot, and the query heads of one key head. */
function attendSlot(n: i32, rows: i32, slot: i32, reach: i32, head: i32, scratch: usize): void {
  const positions = argP(4);
  const capacity = argI(7);
  const Hq = argI(8);
  const Hkv = argI(9);
  const C = argI(10);
  const scale = argF(11);
  const group = Hq / Hkv;
  const ldkv = <usize>(Hkv * C) << 2;
  const ldq = <usize>C << 2;
  const base = <usize>slot * <usize>capacity * ldkv + <usize>head * ldq;
  const lds = <usize>((reach + 7) & ~7) << 2;
  const heads = rows * group;
  // Whole panels of 8 channels: the last may reach past C, into numbers that nobody reads back.
  const ldo = <usize>((C + 7) & ~7) << 2;
  const totals = scratch + 64;
  const sums = totals + ((<usize>(heads + 3) & ~3) << 2);
  const queries = sums + <usize>heads * ldo;
  const scores = queries + ((<usize>(heads * C + 3) & ~3) << 2);
  const keys = scores + <usize>heads * lds;
  for (let r = 0; r < rows; r++) {
    const from = argP(0) + (<usize>(((n + r) * Hq + head * group) * C) << 2);
    const to = queries + <usize>(r * group) * ldq;
    for (let i: usize = 0; i < <usize>group * ldq; i += 4) store<f32>(to + i, load<f32>(from + i) * scale);
  }
  if (head == 0 && <usize>reach * ldkv <= TOUCHED) {
    touch(argP(1) + base, <usize>reach * ldkv, scratch);
    touch(argP(2) + base, <usize>reach * ldkv, scratch);
  }
  packRows(argP(1) + base, ldkv, reach, C, keys);
  for (let j = 0; j < reach; j += 8) {
    rowTiles(queries, ldq, keys + (<usize>(j * C) << 2), 32, C, ZEROS, 0, scores + (<usize>j << 2), lds, heads);
  }
  let common = reach;
  for (let r = 0; r < rows; r++) {
    const visible = load<i32>(positions + (<usize>(n + r) << 2)) + 1;
    common = min(common, visible);
    const bytes = <usize>((visible + 3) & ~3) << 2;
    for (let g = 0; g < group; g++) {
      const h = r * group + g;
      const row = scores + <usize>h * lds;
      hide(row, visible, (visible + 3) & ~3);
      store<f32>(totals + (<usize>h << 2), exponentials(row, bytes, largest(row, bytes)));
    }
  }
  for (let c = 0; c < C; c += 8) {
    const value = argP(2) + base + (<usize>c << 2);
    const sum = sums + (<usize>c << 2);
    rowTiles(scores, lds, value, ldkv, common, ZEROS, 0, sum, ldo, heads);
    for (let r = 0; r < rows; r++) {
      const rest = load<i32>(positions + (<usize>(n + r) << 2)) + 1 - common;
      if (rest == 0) continue;
      const first = <usize>(r * group);
      const row = scores + first * lds + (<usize>common << 2);
      const to = sum + first * ldo;
      rowTiles(row, lds, value + <usize>common * ldkv, ldkv, rest, to, ldo, to, ldo, group);
    }
  }
  for (let r = 0; r < rows; r++) {
    const out = argP(5) + (<usize>(((n + r) * Hq + head * group) * C) << 2);
    for (let g = 0; g < group; g++) {
      const h = <usize>(r * group + g);
      const factor: f32 = 1 / load<f32>(totals + (h << 2));
      const row = sums + h * ldo;
      const to = out + <usize>g * ldq;
      for (let i: usize = 0; i < ldq; i += 4) store<f32>(to + i, load<f32>(row + i) * factor);
    }
  }
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

/**
 * Reads one number of every cache line, in order. The hardware prefetches for such reads, and hardly for the
 * strided ones of the kernels (4.0 ms became 1.5 ms for 96 sequences of 300 tokens). The store to `sink` keeps
 * the reads alive.
 */
function touch(from: usize, bytes: usize, sink: usize): void {
  const end = from + bytes;
  let sum: i32 = 0;
  // Four lines at a time; memory is readable for 256 bytes past any buffer.
  for (; from < end; from += 256) {
    sum |= load<i32>(from) | load<i32>(from, 64) | load<i32>(from, 128) | load<i32>(from, 192);
  }
  store<i32>(sink, sum);
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
