import type { AdamWOptions } from '../../../src/engine/backend.ts';
import { at } from './arrays.ts';

/** Σ x². */
export function sumSquares(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value * value, 0);
}

/** min(1, maxNorm / √sumSquares). */
export function clipScale(sum: number, maxNorm: number): number {
  return Math.min(1, maxNorm / Math.sqrt(sum));
}

/**
 * AdamW (Loshchilov & Hutter 2019), returning the next state. g = grad · gradScale;
 * m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  m̂ = m / (1 − β₁^step);  v̂ = v / (1 − β₂^step);
 * p ← p − lr · (m̂ / (√v̂ + ε) + wd · p).
 */
export function adamw(
  param: Float64Array,
  grad: Float64Array,
  m: Float64Array,
  v: Float64Array,
  gradScale: number,
  options: AdamWOptions,
): { param: Float64Array; m: Float64Array; v: Float64Array } {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = options;
  const nextM = m.map((value, i) => beta1 * value + (1 - beta1) * at(grad, i) * gradScale);
  const nextV = v.map((value, i) => beta2 * value + (1 - beta2) * (at(grad, i) * gradScale) ** 2);
  const nextParam = param.map((p, i) => {
    const mHat = at(nextM, i) / (1 - beta1 ** step);
    const vHat = at(nextV, i) / (1 - beta2 ** step);
    return p - learningRate * (mHat / (Math.sqrt(vHat) + epsilon) + weightDecay * p);
  });
  return { param: nextParam, m: nextM, v: nextV };
}
