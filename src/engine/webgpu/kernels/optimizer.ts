/**
 * Optimiser kernels.
 *
 *   sumSquares   out[0] += Σ x²; two stages (partial sums a workgroup, then one workgroup), always in the same order
 *   clipScale    scale[0] = min(1, maxNorm / √sum[0])
 *   adamw        g' = g·gradScale[0];  m ← β₁m + (1−β₁)g';  v ← β₂v + (1−β₂)g'²
 *                p ← p − lr·(m·c₁ / (√(v·c₂) + ε) + wd·p),  cᵢ = 1/(1 − βᵢ^step) from the host in float64
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import { forEachElement } from './elementwise.ts';

const THREADS = 64;
/** Sums that the last step of a workgroup adds. */
const RUNS = 8;

/** Workgroups of the first stage, so entries of its partial sums. */
export const SUM_SQUARES_GROUPS = 256;

const sumOver = (value: string, finish: string): string => `
var<workgroup> sums: array<f32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  var sum = 0.0;
  for (var i = group.x * ${THREADS}u + local; i < P.n; i += groups.x * ${THREADS}u) {
    ${value}
  }
  sums[local] = sum;
  workgroupBarrier();
  var run = 0.0;
  if (local < ${RUNS}u) {
    for (var i = 0u; i < ${THREADS / RUNS}u; i++) { run += sums[local * ${THREADS / RUNS}u + i]; }
  }
  workgroupBarrier();
  if (local < ${RUNS}u) { sums[local] = run; }
  workgroupBarrier();
  if (local == 0u) {
    var all = 0.0;
    for (var i = 0u; i < ${RUNS}u; i++) { all += sums[i]; }
    ${finish}
  }
}`;

export const sumSquaresKernel: Kernel = {
  name: 'sumSquares',
  bindings: [input('x'), output('partials')],
  params: [['n', 'u32']],
  body: sumOver('let value = x[i]; sum = fma(value, value, sum);', 'partials[group.x] = all;'),
};

export const addSumKernel: Kernel = {
  name: 'addSum',
  bindings: [input('partials'), output('total')],
  params: [['n', 'u32']],
  body: sumOver('sum += partials[i];', 'total[0] += all;'),
};

export const clipScaleKernel: Kernel = {
  name: 'clipScale',
  bindings: [input('sum'), output('scale')],
  params: [['maxNorm', 'f32']],
  body: `
@compute @workgroup_size(1)
fn main() {
  let norm = sqrt(sum[0]);
  if (norm <= P.maxNorm) { scale[0] = 1.0; } else { scale[0] = P.maxNorm / norm; }
}`,
};

export const adamwKernel: Kernel = {
  name: 'adamw',
  bindings: [input('grad'), input('gradScale'), output('param'), output('m'), output('v')],
  params: [
    ['n', 'u32'],
    ['learningRate', 'f32'],
    ['beta1', 'f32'],
    ['oneMinusBeta1', 'f32'],
    ['beta2', 'f32'],
    ['oneMinusBeta2', 'f32'],
    ['epsilon', 'f32'],
    ['weightDecay', 'f32'],
    ['correction1', 'f32'],
    ['correction2', 'f32'],
  ],
  body: forEachElement(`
  let g = grad[i] * gradScale[0];
  let mean = P.beta1 * m[i] + P.oneMinusBeta1 * g;
  let square = P.beta2 * v[i] + P.oneMinusBeta2 * g * g;
  m[i] = mean;
  v[i] = square;
  let old = param[i];
  let step = mean * P.correction1 / (sqrt(square * P.correction2) + P.epsilon);
  param[i] = old - P.learningRate * (step + P.weightDecay * old);`),
};
