import type { AdamWOptions } from '../../../src/engine/backend.ts';
import * as reference from '../reference/optimiser.ts';
import { kernelCase, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

function sumSquaresCase(n: number): KernelCase {
  return kernelCase(`sumSquares n=${n}, added to over two calls`, async (kit) => {
    const numbers = new Numbers(n);
    const x = numbers.normal(n);
    const y = numbers.normal(n, 2);
    const out = kit.state([3]);
    kit.backend.sumSquares(kit.f32(x), out, n);
    kit.backend.sumSquares(kit.f32(y), out, n);
    await kit.expectClose('out', out, [3 + reference.sumSquares(x) + reference.sumSquares(y)]);
  });
}

function clipCase(name: string, sumSquares: number, maxNorm: number): KernelCase {
  return kernelCase(`clipScale, ${name}`, async (kit) => {
    const scale = kit.output(1);
    kit.backend.clipScale(kit.f32([sumSquares]), scale, maxNorm);
    await kit.expectClose('scale', scale, [reference.clipScale(sumSquares, maxNorm)], { tolerance: 1e-6 });
  });
}

function adamwCase(n: number, gradScale: number, options: Omit<AdamWOptions, 'step'>): KernelCase {
  const title = `adamw n=${n} gradScale=${gradScale} weightDecay=${options.weightDecay}, five steps`;
  return kernelCase(title, async (kit) => {
    const numbers = new Numbers(n);
    let state: { param: Float64Array; m: Float64Array; v: Float64Array } = {
      param: numbers.normal(n, 0.05),
      m: new Float64Array(n),
      v: new Float64Array(n),
    };
    const [param, m, v] = [kit.state(state.param), kit.state(state.m), kit.state(state.v)];
    const scale = kit.f32([gradScale]);
    for (let step = 1; step <= 5; step++) {
      // Gradients of very different sizes, and some that are 0 throughout.
      const grad = numbers.normal(n).map((g, i) => Math.fround(i % 7 === 3 ? 0 : g * 10 ** -(i % 5)));
      kit.backend.adamw(param, kit.f32(grad), m, v, scale, n, { ...options, step });
      state = reference.adamw(state.param, grad, state.m, state.v, gradScale, { ...options, step });
      await kit.expectClose(`m after step ${step}`, m, state.m);
      // 1 − beta2 is near 0.001: a float32 beta2 puts an error of 6e-8 / 0.001 into it.
      await kit.expectClose(`v after step ${step}`, v, state.v, { tolerance: 1e-4 });
      await kit.expectClose(`param after step ${step}`, param, state.param, { tolerance: 1e-4 });
    }
  });
}

const ADAM = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 };

export const optimiserCases: readonly KernelCase[] = [
  ...[1, 5, 33, 1025, 100003].map(sumSquaresCase),
  clipCase('norm below the limit', 0.25, 1),
  clipCase('norm at the limit', 4, 2),
  clipCase('norm above the limit', 100, 0.5),
  clipCase('norm zero', 0, 1),
  adamwCase(1, 1, ADAM),
  adamwCase(33, 0.5, ADAM),
  adamwCase(4099, 0.25, { ...ADAM, weightDecay: 0, beta2: 0.95 }),
];
