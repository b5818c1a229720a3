// AdamW and the sum of squares behind gradient clipping.

import { argF, argI, argP } from './command';
import { madd } from './simd';

/** Numbers in one partial sum of squares; fixed, so threads change no rounding. */
const PARTIAL: i32 = 4096;

/** Blocks begin…end of 4096 numbers: partial[block] (f64) = Σ x². Arguments: x, partial, n. */
export function sumSquares(begin: i32, end: i32, scratch: usize): void {
  const n = argI(2);
  for (let block = begin; block < end; block++) {
    const first = block * PARTIAL;
    let x = argP(0) + ((<usize>first) << 2);
    const stop = x + ((<usize>min(n - first, PARTIAL)) << 2);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (; x + 16 <= stop; x += 16) {
      const v = v128.load(x);
      const a = f64x2.promote_low_f32x4(v);
      const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const both = f64x2.add(low, high);
    let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
    for (; x < stop; x += 4) sum += <f64>load<f32>(x) * <f64>load<f32>(x);
    store<f64>(argP(1) + ((<usize>block) << 3), sum);
  }
}

/**
 * Numbers begin…end. Arguments: param, grad, m, v, gradScale, learningRate, beta1, beta2, epsilon, weightDecay,
 * correction1 = 1/(1 − beta1^step), correction2 = 1/(1 − beta2^step).
 */
export function adamw(begin: i32, end: i32, scratch: usize): void {
  const scale = load<f32>(argP(4));
  const rate = argF(5);
  const beta1 = argF(6);
  const beta2 = argF(7);
  const epsilon = argF(8);
  const decay: f32 = 1 - rate * argF(9);
  const step = rate * argF(10);
  const correction2 = argF(11);
  const scale4 = f32x4.splat(scale);
  const beta14 = f32x4.splat(beta1);
  const beta24 = f32x4.splat(beta2);
  const rest14 = f32x4.splat(1 - beta1);
  const rest24 = f32x4.splat(1 - beta2);
  const epsilon4 = f32x4.splat(epsilon);
  const decay4 = f32x4.splat(decay);
  const step4 = f32x4.splat(-step);
  const correction24 = f32x4.splat(correction2);
  const stop = (<usize>end) << 2;
  let i = (<usize>begin) << 2;
  for (; i + 16 <= stop; i += 16) {
    const g = f32x4.mul(v128.load(argP(1) + i), scale4);
    const m = madd(beta14, v128.load(argP(2) + i), f32x4.mul(rest14, g));
    const v = madd(beta24, v128.load(argP(3) + i), f32x4.mul(f32x4.mul(rest24, g), g));
    v128.store(argP(2) + i, m);
    v128.store(argP(3) + i, v);
    const p = f32x4.mul(v128.load(argP(0) + i), decay4);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, correction24)), epsilon4);
    v128.store(argP(0) + i, madd(step4, f32x4.div(m, root), p));
  }
  for (; i < stop; i += 4) {
    const g = load<f32>(argP(1) + i) * scale;
    const m = beta1 * load<f32>(argP(2) + i) + (1 - beta1) * g;
    const v = beta2 * load<f32>(argP(3) + i) + (1 - beta2) * g * g;
    store<f32>(argP(2) + i, m);
    store<f32>(argP(3) + i, v);
    const root = sqrt<f32>(v * correction2) + epsilon;
    store<f32>(argP(0) + i, load<f32>(argP(0) + i) * decay - step * (m / root));
  }
}
