// Row gathering and scattering: embedding, selections, sentence pooling.

import { argI, argP } from './command';
import { copyPadded } from './pack';

/** Rows begin…end of y[n] = x[index[n]]. Arguments: x, index, y, D. */
export function gatherRows(begin: i32, end: i32, scratch: usize): void {
  const D = argI(3);
  const bytes = <usize>D << 2;
  for (let n = <usize>begin; n < <usize>end; n++) {
    const from = argP(0) + <usize>load<i32>(argP(1) + (n << 2)) * bytes;
    copyPadded(from, 0, argP(2) + n * bytes, 0, 1, D, D);
  }
}

/** to[0…count] += factor · from[0…count]. */
@inline function addRow(to: usize, from: usize, count: i32, factor: f32): void {
  const scale = f32x4.splat(factor);
  const stop = to + (<usize>count << 2);
  for (; to + 16 <= stop; to += 16) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load(from), scale)));
    from += 16;
  }
  for (; to < stop; to += 4) {
    store<f32>(to, load<f32>(to) + load<f32>(from) * factor);
    from += 4;
  }
}

/**
 * Columns begin…end of dTable[index[n]] += dy[n] over all n. Rows may repeat, so threads split the columns.
 * Arguments: dy, index, dTable, N, D.
 */
export function scatterAdd(begin: i32, end: i32, scratch: usize): void {
  const N = argI(3);
  const row = <usize>argI(4) << 2;
  const offset = <usize>begin << 2;
  for (let n: usize = 0; n < <usize>N; n++) {
    const to = argP(2) + <usize>load<i32>(argP(1) + (n << 2)) * row + offset;
    addRow(to, argP(0) + n * row + offset, end - begin, 1);
  }
}

/** Segments begin…end of y[s] = mean of x over the segment (0 when empty). Arguments: x, starts, y, D. */
export function segmentMean(begin: i32, end: i32, scratch: usize): void {
  const D = argI(3);
  const row = <usize>D << 2;
  for (let s = <usize>begin; s < <usize>end; s++) {
    const from = load<i32>(argP(1) + (s << 2));
    const to = load<i32>(argP(1) + (s << 2), 4);
    const y = argP(2) + s * row;
    memory.fill(y, 0, row);
    const share: f32 = to > from ? 1 / <f32>(to - from) : 0;
    for (let t = from; t < to; t++) addRow(y, argP(0) + <usize>t * row, D, share);
  }
}

/** Segments begin…end of dx[t] = dy[s(t)] / length(s). Arguments: dy, starts, dx, D. */
export function segmentMeanBackward(begin: i32, end: i32, scratch: usize): void {
  const D = argI(3);
  const row = <usize>D << 2;
  for (let s = <usize>begin; s < <usize>end; s++) {
    const from = load<i32>(argP(1) + (s << 2));
    const to = load<i32>(argP(1) + (s << 2), 4);
    for (let t = from; t < to; t++) {
      const dx = argP(2) + <usize>t * row;
      memory.fill(dx, 0, row);
      addRow(dx, argP(0) + s * row, D, 1 / <f32>(to - from));
    }
  }
}

/** Copies bytes begin…end. Arguments: from, to. */
export function copyBytes(begin: i32, end: i32, scratch: usize): void {
  memory.copy(argP(1) + <usize>begin, argP(0) + <usize>begin, <usize>(end - begin));
}
