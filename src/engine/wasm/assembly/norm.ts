// RMSNorm (Zhang & Sennrich 2019) and its gradients.

import { argF, argI, argP } from './command';
import { hsum, madd } from './simd';

/** Rows whose weight gradient is summed before the partial sums are; fixed, so threads change no rounding. */
const PARTIAL_ROWS: i32 = 128;

/** Rows begin…end. Arguments: x, w, y, rstd, D, eps. */
export function rmsnorm(begin: i32, end: i32, scratch: usize): void {
  const D = argI(4);
  const eps = argF(5);
  const row = (<usize>D) << 2;
  const full = (<usize>(D & ~3)) << 2;
  const w = argP(1);
  for (let t = <usize>begin; t < <usize>end; t++) {
    const x = argP(0) + t * row;
    const y = argP(2) + t * row;
    let squares = f32x4.splat(0);
    let i: usize = 0;
    for (; i < full; i += 16) {
      const v = v128.load(x + i);
      squares = madd(v, v, squares);
    }
    let sum = hsum(squares);
    for (; i < row; i += 4) sum += load<f32>(x + i) * load<f32>(x + i);
    const rstd: f32 = 1 / sqrt<f32>(sum / <f32>D + eps);
    store<f32>(argP(3) + (t << 2), rstd);
    const scale = f32x4.splat(rstd);
    for (i = 0; i < full; i += 16) {
      v128.store(y + i, f32x4.mul(f32x4.mul(v128.load(x + i), scale), v128.load(w + i)));
    }
    for (; i < row; i += 4) store<f32>(y + i, load<f32>(x + i) * rstd * load<f32>(w + i));
  }
}

/**
 * Groups begin…end of 128 rows: dx, and the group's share of dw into partial[group, D].
 * Arguments: dy, x, w, rstd, dx, partial, T, D, accumulate.
 */
export function rmsnormBackward(begin: i32, end: i32, scratch: usize): void {
  const T = argI(6);
  const D = argI(7);
  const accumulate = argI(8) != 0;
  const row = (<usize>D) << 2;
  const full = (<usize>(D & ~3)) << 2;
  const w = argP(2);
  for (let group = begin; group < end; group++) {
    const partial = argP(5) + <usize>group * row;
    memory.fill(partial, 0, row);
    const last = min(T, (group + 1) * PARTIAL_ROWS);
    for (let t = <usize>(group * PARTIAL_ROWS); t < <usize>last; t++) {
      const dy = argP(0) + t * row;
      const x = argP(1) + t * row;
      const dx = argP(4) + t * row;
      const r = load<f32>(argP(3) + (t << 2));
      const r4 = f32x4.splat(r);
      let dots = f32x4.splat(0);
      let i: usize = 0;
      for (; i < full; i += 16) {
        const d = v128.load(dy + i);
        const v = v128.load(x + i);
        const dv = f32x4.mul(d, v);
        dots = madd(dv, v128.load(w + i), dots);
        v128.store(partial + i, madd(dv, r4, v128.load(partial + i)));
      }
      let dot = hsum(dots);
      for (; i < row; i += 4) {
        const dv = load<f32>(dy + i) * load<f32>(x + i);
        dot += dv * load<f32>(w + i);
        store<f32>(partial + i, load<f32>(partial + i) + dv * r);
      }
      const pull = -r * r * r * (dot / <f32>D);
      const pull4 = f32x4.splat(pull);
      for (i = 0; i < full; i += 16) {
        let g = f32x4.mul(f32x4.mul(v128.load(dy + i), v128.load(w + i)), r4);
        g = madd(v128.load(x + i), pull4, g);
        if (accumulate) g = f32x4.add(g, v128.load(dx + i));
        v128.store(dx + i, g);
      }
      for (; i < row; i += 4) {
        const g = load<f32>(dy + i) * load<f32>(w + i) * r + load<f32>(x + i) * pull;
        store<f32>(dx + i, accumulate ? load<f32>(dx + i) + g : g);
      }
    }
  }
}
