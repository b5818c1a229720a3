// Sums of attention over the cache: a query's dot products with keys, and weighed values.

import { hsum4, madd } from './simd';

/** `dotFour` of two queries that share the keys: the same sums, each key read once. */
export function dotFourTwice(
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
export function addWeightedTwice(
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
@inline export function dotFour(query: usize, k0: usize, k1: usize, k2: usize, k3: usize, C: i32): v128 {
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
export function addWeighted(weights: usize, value: usize, ld: usize, C: i32, keys: i32, out: usize): void {
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
