// Sums over rows of a matrix, kept in one order whatever the number of threads.

import { argI, argP } from './command';

/** Columns begin…end of y[D] += Σ_t x[t,D]. Arguments: x, y, T, D. */
export function columnSums(begin: i32, end: i32, scratch: usize): void {
  const T = argI(2);
  const ld = (<usize>argI(3)) << 2;
  let d = begin;
  for (; d + 4 <= end; d += 4) {
    let from = argP(0) + ((<usize>d) << 2);
    let sum = f32x4.splat(0);
    for (let t = 0; t < T; t++) {
      sum = f32x4.add(sum, v128.load(from));
      from += ld;
    }
    const to = argP(1) + ((<usize>d) << 2);
    v128.store(to, f32x4.add(v128.load(to), sum));
  }
  for (; d < end; d++) {
    let from = argP(0) + ((<usize>d) << 2);
    let sum: f32 = 0;
    for (let t = 0; t < T; t++) {
      sum += load<f32>(from);
      from += ld;
    }
    const to = argP(1) + ((<usize>d) << 2);
    store<f32>(to, load<f32>(to) + sum);
  }
}
