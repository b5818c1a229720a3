// Frozen weights in fewer bits, unpacked where they are multiplied. Layout: engine/quantised.ts.
//
// A matrix w[O,I] lies in blocks of 8 rows by 32 columns, the blocks of 8 rows one after the other. A 32-bit word
// holds neighbouring columns of one row, and the words of 8 rows lie side by side, so that shifting one vector gives
// 4 rows of one column without moving lanes. Every path unpacks a weight with the same multiply-add, and sums over
// k = 0…K−1: its bits do not depend on how many rows share the product.

import { argI, argP } from './command';
import { madd } from './simd';

const INT4: i32 = 0;
const INT8: i32 = 1;

/** Columns of a block. */
const GROUP: i32 = 32;

/** Bytes of a block of 8 × 32 weights. */
@inline export function blockBytes(kind: i32): usize {
  return kind == INT4 ? 192 : kind == INT8 ? 288 : 512;
}

/** Blocks side by side in K columns. */
@inline export function blocksOf(K: i32): usize {
  return <usize>((K + GROUP - 1) / GROUP);
}

/** Four halves, in the low 16 bits of each lane, as floats: the exponent is moved by a multiplication by 2^112. */
@inline function halves(bits: v128): v128 {
  const magnitude = i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13);
  const sign = i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16);
  return v128.or(f32x4.mul(magnitude, f32x4.splat(5.192296858534828e33)), sign);
}

@inline function nibbles(word: v128, shift: i32): v128 {
  return f32x4.convert_i32x4_s(v128.and(i32x4.shr_u(word, shift), i32x4.splat(15)));
}

@inline function bytes(word: v128, shift: i32): v128 {
  return f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.shl(word, 24 - shift), 24));
}

/** Columns begin…end of a block (multiples of 8) to rows of 8 floats, one row a column. */
export function unpackColumns(kind: i32, block: usize, begin: i32, end: i32, to: usize): void {
  if (kind == INT4) {
    const s0 = v128.load(block);
    const s1 = v128.load(block, 16);
    const m0 = v128.load(block, 32);
    const m1 = v128.load(block, 48);
    for (let k = begin; k < end; k += 8) {
      const at = block + 64 + (<usize>k << 2);
      const low = v128.load(at);
      const high = v128.load(at, 16);
      for (let shift = 0; shift < 32; shift += 4) {
        v128.store(to, madd(nibbles(low, shift), s0, m0));
        v128.store(to, madd(nibbles(high, shift), s1, m1), 16);
        to += 32;
      }
    }
  } else if (kind == INT8) {
    const s0 = v128.load(block);
    const s1 = v128.load(block, 16);
    for (let k = begin; k < end; k += 4) {
      const at = block + 32 + (<usize>k << 3);
      const low = v128.load(at);
      const high = v128.load(at, 16);
      for (let shift = 0; shift < 32; shift += 8) {
        v128.store(to, f32x4.mul(bytes(low, shift), s0));
        v128.store(to, f32x4.mul(bytes(high, shift), s1), 16);
        to += 32;
      }
    }
  } else {
    for (let k = begin; k < end; k += 2) {
      const at = block + (<usize>k << 4);
      const low = v128.load(at);
      const high = v128.load(at, 16);
      v128.store(to, halves(low));
      v128.store(to, halves(high), 16);
      v128.store(to, halves(i32x4.shr_u(low, 16)), 32);
      v128.store(to, halves(i32x4.shr_u(high, 16)), 48);
      to += 64;
    }
  }
}

/** Columns k0…k0+kc of 8 rows of w (k0 a multiple of 32) as a panel [kc][8] of wᵀ; whole blocks are written. */
export function unpackPanel(kind: i32, blocks: usize, k0: i32, kc: i32, to: usize): void {
  const size = blockBytes(kind);
  let block = blocks + <usize>(k0 / GROUP) * size;
  for (let k = 0; k < kc; k += GROUP) {
    unpackColumns(kind, block, 0, GROUP, to + (<usize>k << 5));
    block += size;
  }
}

/**
 * Rows o0…o0+oc of w (o0 a multiple of 8), 8 columns from `column` (a multiple of 8), as a panel [oc][8] of w; whole
 * groups of 8 rows are written. `perRow` is the bytes of all blocks of 8 rows. `temporary` holds 256 bytes.
 */
export function unpackStrip(
  kind: i32,
  w: usize,
  perRow: usize,
  column: i32,
  o0: i32,
  oc: i32,
  temporary: usize,
  to: usize,
): void {
  const within = column % GROUP;
  let block = w + <usize>(o0 >> 3) * perRow + <usize>(column / GROUP) * blockBytes(kind);
  for (let o = 0; o < oc; o += 8) {
    unpackColumns(kind, block, within, within + 8, temporary);
    transpose4(temporary, to);
    transpose4(temporary + 128, to + 16);
    transpose4(temporary + 16, to + 128);
    transpose4(temporary + 144, to + 144);
    to += 256;
    block += perRow;
  }
}

/** A 4 × 4 block; rows 32 bytes apart on both sides. */
@inline function transpose4(from: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from, 32);
  const c = v128.load(from, 64);
  const d = v128.load(from, 96);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 96);
}

/**
 * c[8] = init[8] + a[K] · wᵀ for 8 rows of w, unpacked on the way: decoding one token reads each weight once, and
 * nothing is gained by writing it down first. `temporary` holds 1024 bytes.
 */
export function unpackedRow(
  kind: i32,
  a: usize,
  block: usize,
  K: i32,
  init: usize,
  c: usize,
  temporary: usize,
): void {
  let sum0 = v128.load(init);
  let sum1 = v128.load(init, 16);
  const size = blockBytes(kind);
  const whole = K & ~(GROUP - 1);
  const end = a + (<usize>whole << 2);
  if (kind == INT4) {
    for (; a < end; block += size) {
      const s0 = v128.load(block);
      const s1 = v128.load(block, 16);
      const m0 = v128.load(block, 32);
      const m1 = v128.load(block, 48);
      let words = block + 64;
      const last = words + 128;
      for (; words < last; words += 32) {
        let low = v128.load(words);
        let high = v128.load(words, 16);
        for (let k = 0; k < 8; k++) {
          const x = v128.load32_splat(a);
          sum0 = madd(x, madd(nibbles(low, 0), s0, m0), sum0);
          sum1 = madd(x, madd(nibbles(high, 0), s1, m1), sum1);
          low = i32x4.shr_u(low, 4);
          high = i32x4.shr_u(high, 4);
          a += 4;
        }
      }
    }
  } else {
    for (; a < end; block += size) {
      unpackColumns(kind, block, 0, GROUP, temporary);
      const last = temporary + 1024;
      for (let row = temporary; row < last; row += 32) {
        const x = v128.load32_splat(a);
        sum0 = madd(x, v128.load(row), sum0);
        sum1 = madd(x, v128.load(row, 16), sum1);
        a += 4;
      }
    }
  }
  if (whole < K) {
    unpackColumns(kind, block, 0, GROUP, temporary);
    const last = temporary + (<usize>(K - whole) << 5);
    for (let row = temporary; row < last; row += 32) {
      const x = v128.load32_splat(a);
      sum0 = madd(x, v128.load(row), sum0);
      sum1 = madd(x, v128.load(row, 16), sum1);
      a += 4;
    }
  }
  v128.store(c, sum0);
  v128.store(c, sum1, 16);
}

/** Rows begin…end of y[t,:] = w[ids[t],:]. Arguments: w, ids, y, I, kind. Scratch: 1024 bytes. */
export function gatherQuantised(begin: i32, end: i32, scratch: usize): void {
  const I = argI(3);
  const kind = argI(4);
  const size = blockBytes(kind);
  const groups = blocksOf(I);
  for (let t = begin; t < end; t++) {
    const id = load<i32>(argP(1) + (<usize>t << 2));
    const lane = scratch + (<usize>(id & 7) << 2);
    const y = argP(2) + ((<usize>t * <usize>I) << 2);
    let block = argP(0) + <usize>(id >> 3) * groups * size;
    for (let k0 = 0; k0 < I; k0 += GROUP) {
      unpackColumns(kind, block, 0, GROUP, scratch);
      const count = min(I - k0, GROUP);
      for (let k = 0; k < count; k++) {
        store<f32>(y + (<usize>(k0 + k) << 2), load<f32>(lane + (<usize>k << 5)));
      }
      block += size;
    }
  }
}
