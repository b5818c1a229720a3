// Four-lane building blocks every kernel shares.

/** a·b + c; fused where the build has relaxed SIMD, so the two builds may differ in the last bit. */
@inline export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.relaxed_madd(a, b, c);
  } else {
    return f32x4.add(f32x4.mul(a, b), c);
  }
}

/** Sum of the four lanes. */
@inline export function hsum(x: v128): f32 {
  const a = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1);
}

/** Largest of the four lanes. */
@inline export function hmax(x: v128): f32 {
  const a = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1));
}

/** The lane sums of four vectors, as one vector. */
@inline export function hsum4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/**
 * exp in four lanes, relative error near 1e-7; 0 below −87.3, 2^127 and more above 88. Range reduction by powers
 * of two and the degree-5 polynomial of XNNPACK's expminus kernels. Loops over it run fastest as do…while: V8
 * then lifts the constants out of them.
 */
@inline export function exp4(x: v128): v128 {
  return expBounded4(f32x4.pmin(f32x4.pmax(x, f32x4.splat(LOWEST)), f32x4.splat(88.37626)), x);
}

/** The same bits as `exp4` where x is at most 88, as under a softmax. */
@inline export function expSmall4(x: v128): v128 {
  return expBounded4(x, x);
}

/** Below this, exp4 is 0. */
const LOWEST: f32 = -87.33654;

/** exp of `clamped`, 0 where x is below the lowest: there `clamped` may be anything, −∞ too. */
@inline function expBounded4(clamped: v128, x: v128): v128 {
  // Adding 1.5·2^23 + 127 rounds to an integer n and leaves n + 127 in the low bits: shifted, that is 2^n.
  const magic = f32x4.splat(12583039.0);
  const shifted = madd(clamped, f32x4.splat(1.44269504), magic);
  const power = i32x4.shl(shifted, 23);
  const n = f32x4.sub(shifted, magic);
  let r = madd(n, f32x4.splat(-0.693145752), clamped);
  r = madd(n, f32x4.splat(-1.42860677e-6), r);
  let p = madd(f32x4.splat(8.28929059e-3), r, f32x4.splat(4.18978221e-2));
  p = madd(p, r, f32x4.splat(1.66676521e-1));
  p = madd(p, r, f32x4.splat(4.99991506e-1));
  p = madd(p, r, f32x4.splat(9.99999702e-1));
  const y = madd(p, f32x4.mul(r, power), power);
  return v128.andnot(y, f32x4.lt(x, f32x4.splat(LOWEST)));
}

/** exp of one number, the same bits as a lane of `exp4`. */
@inline export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** Natural logarithm, rounded once. */
@inline export function log1(x: f32): f32 {
  return <f32>Math.log(<f64>x);
}
