// Rotary position embedding from a table of cosines and sines.

import { argI, argP } from './command';

/**
 * Rows begin…end of x[T, H·C]. table[position] holds C/2 cosines, then C/2 sines.
 * Arguments: x, positions, table, H, C, inverse.
 */
export function rope(begin: i32, end: i32, scratch: usize): void {
  const H = argI(3);
  const C = argI(4);
  const sign: f32 = argI(5) != 0 ? -1 : 1;
  const signs = f32x4.splat(sign);
  const half = (<usize>(C >> 1)) << 2;
  const full = half & ~15;
  const head = half << 1;
  for (let t = <usize>begin; t < <usize>end; t++) {
    const cosines = argP(2) + <usize>load<i32>(argP(1) + (t << 2)) * head;
    const sines = cosines + half;
    let x = argP(0) + t * <usize>H * head;
    for (let h = 0; h < H; h++) {
      let i: usize = 0;
      for (; i < full; i += 16) {
        const a = v128.load(x + i);
        const b = v128.load(x + half + i);
        const cos = v128.load(cosines + i);
        const sin = f32x4.mul(v128.load(sines + i), signs);
        v128.store(x + i, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)));
        v128.store(x + half + i, f32x4.add(f32x4.mul(b, cos), f32x4.mul(a, sin)));
      }
      for (; i < half; i += 4) {
        const a = load<f32>(x + i);
        const b = load<f32>(x + half + i);
        const cos = load<f32>(cosines + i);
        const sin = load<f32>(sines + i) * sign;
        store<f32>(x + i, a * cos - b * sin);
        store<f32>(x + half + i, b * cos + a * sin);
      }
      x += head;
    }
  }
}
