// Elementwise kernels over n numbers; a work item is one number, ranges start at multiples of 4.

import { argF, argP } from './command';
import { exp1, exp4, madd } from './simd';

/** dst += alpha·src. Arguments: dst, src, alpha. */
export function axpy(begin: i32, end: i32, scratch: usize): void {
  const alpha = argF(2);
  const factor = f32x4.splat(alpha);
  const offset = <usize>begin << 2;
  let dst = argP(0) + offset;
  let src = argP(1) + offset;
  const stop = argP(0) + (<usize>end << 2);
  for (; dst + 16 <= stop; dst += 16) {
    v128.store(dst, madd(v128.load(src), factor, v128.load(dst)));
    src += 16;
  }
  for (; dst < stop; dst += 4) {
    store<f32>(dst, load<f32>(dst) + alpha * load<f32>(src));
    src += 4;
  }
}

/** y = a + b. Arguments: a, b, y. */
export function add(begin: i32, end: i32, scratch: usize): void {
  const offset = <usize>begin << 2;
  let a = argP(0) + offset;
  let b = argP(1) + offset;
  let y = argP(2) + offset;
  const stop = argP(2) + (<usize>end << 2);
  for (; y + 16 <= stop; y += 16) {
    v128.store(y, f32x4.add(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
  for (; y < stop; y += 4) {
    store<f32>(y, load<f32>(a) + load<f32>(b));
    a += 4;
    b += 4;
  }
}

/** 1/(1 + exp(−x)). */
@inline function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

@inline function sigmoid1(x: f32): f32 {
  return 1 / (1 + exp1(-x));
}

/** y = silu(gate)·up. Arguments: gate, up, y. */
export function swiglu(begin: i32, end: i32, scratch: usize): void {
  const offset = <usize>begin << 2;
  let gate = argP(0) + offset;
  let up = argP(1) + offset;
  let y = argP(2) + offset;
  const stop = argP(2) + (<usize>end << 2);
  if (y + 16 <= stop) {
    do {
      const x = v128.load(gate);
      v128.store(y, f32x4.mul(f32x4.mul(x, sigmoid4(x)), v128.load(up)));
      gate += 16;
      up += 16;
      y += 16;
    } while (y + 16 <= stop);
  }
  for (; y < stop; y += 4) {
    const x = load<f32>(gate);
    store<f32>(y, x * sigmoid1(x) * load<f32>(up));
    gate += 4;
    up += 4;
  }
}

/** dgate, dup from dy. Arguments: dy, gate, up, dgate, dup. */
export function swigluBackward(begin: i32, end: i32, scratch: usize): void {
  const one = f32x4.splat(1);
  const offset = <usize>begin << 2;
  let dy = argP(0) + offset;
  let gate = argP(1) + offset;
  let up = argP(2) + offset;
  let dgate = argP(3) + offset;
  let dup = argP(4) + offset;
  const stop = argP(0) + (<usize>end << 2);
  if (dy + 16 <= stop) {
    do {
      const d = v128.load(dy);
      const x = v128.load(gate);
      const s = sigmoid4(x);
      const silu = f32x4.mul(x, s);
      const slope = madd(silu, f32x4.sub(one, s), s);
      v128.store(dgate, f32x4.mul(f32x4.mul(d, v128.load(up)), slope));
      v128.store(dup, f32x4.mul(d, silu));
      dy += 16;
      gate += 16;
      up += 16;
      dgate += 16;
      dup += 16;
    } while (dy + 16 <= stop);
  }
  for (; dy < stop; dy += 4) {
    const d = load<f32>(dy);
    const x = load<f32>(gate);
    const s = sigmoid1(x);
    store<f32>(dgate, d * load<f32>(up) * (s + x * s * (1 - s)));
    store<f32>(dup, d * x * s);
    gate += 4;
    up += 4;
    dgate += 4;
    dup += 4;
  }
}
