/**
 * WGSL: `exponential(x)`, e^x for x ≤ 0, after Cephes (relative error 1e-7; e^−87 for all that is less). SwiftShader's own
 * `exp` takes three times as long.
 */
export const EXPONENTIAL = `
fn exponential(argument: f32) -> f32 {
  let x = max(argument, -87.0);
  let n = round(x * 1.44269504);
  let r = fma(n, 2.12194440e-4, fma(n, -0.693359375, x));
  let p = fma(r, fma(r, fma(r, fma(r, fma(r, 1.9875691500e-4, 1.3981999507e-3), 8.3334519073e-3), 4.1665795894e-2), 1.6666665459e-1), 5.0000001201e-1);
  return fma(r * r, p, r + 1.0) * bitcast<f32>((i32(n) + 127) << 23u);
}`;
