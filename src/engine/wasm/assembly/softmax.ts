// Row passes of the softmax, over whole vectors: rows are padded to 4 numbers with −∞.

import { expSmall4, hmax, hsum } from './simd';

/** The largest of `bytes`/4 numbers; `bytes` is a positive multiple of 16. */
export function largest(row: usize, bytes: usize): f32 {
  const end = row + bytes;
  let top = v128.load(row);
  for (row += 16; row < end; row += 16) top = f32x4.pmax(top, v128.load(row));
  return hmax(top);
}

/** Replaces each x by exp(x − shift), where no x is above the shift, and returns the sum. */
export function exponentials(row: usize, bytes: usize, shift: f32): f32 {
  const end = row + bytes;
  const shifts = f32x4.splat(shift);
  let total = f32x4.splat(0);
  do {
    const p = expSmall4(f32x4.sub(v128.load(row), shifts));
    v128.store(row, p);
    total = f32x4.add(total, p);
    row += 16;
  } while (row < end);
  return hsum(total);
}

/** −∞ from number `from` up to number `to` of the row. */
export function hide(row: usize, from: i32, to: i32): void {
  for (let j = from; j < to; j++) store<f32>(row + ((<usize>j) << 2), -Infinity);
}
