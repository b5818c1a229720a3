/**
 * Kernels over n elements, one invocation an element.
 *
 *   axpy            dst[i] += alpha · src[i]
 *   add             y[i] = a[i] + b[i]
 *   swiglu          y[i] = silu(gate[i]) · up[i],  silu(x) = x · σ(x)
 *   swigluBackward  dgate[i] = dy[i] · up[i] · σ(g)(1 + g(1 − σ(g))),  dup[i] = dy[i] · silu(g)
 *   fill            buffer[i] = bits
 *   copyWithin      buffer[destination + i] = buffer[source + i], windows apart
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';

export const ELEMENTWISE_THREADS = 256;

/** Entry point that runs `statement` for every i < P.n. */
export const forEachElement = (statement: string): string => `
@compute @workgroup_size(${ELEMENTWISE_THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = linearGroup(group, groups) * ${ELEMENTWISE_THREADS}u + local;
  if (i >= P.n) { return; }
  ${statement}
}`;

// The clamp keeps exp finite: WGSL leaves the result of an overflow open. σ(−80) is 2e−35.
const SIGMOID = `
fn sigmoid(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(-max(x, -80.0)));
}`;

export const axpyKernel: Kernel = {
  name: 'axpy',
  bindings: [input('src'), output('dst')],
  params: [
    ['n', 'u32'],
    ['alpha', 'f32'],
  ],
  body: forEachElement('dst[i] += P.alpha * src[i];'),
};

export const addKernel: Kernel = {
  name: 'add',
  bindings: [input('a'), input('b'), output('y')],
  params: [['n', 'u32']],
  body: forEachElement('y[i] = a[i] + b[i];'),
};

export const swigluKernel: Kernel = {
  name: 'swiglu',
  bindings: [input('gate'), input('up'), output('y')],
  params: [['n', 'u32']],
  body: SIGMOID + forEachElement('let g = gate[i]; y[i] = g * sigmoid(g) * up[i];'),
};

export const swigluBackwardKernel: Kernel = {
  name: 'swigluBackward',
  bindings: [input('dy'), input('gate'), input('up'), output('dgate'), output('dup')],
  params: [['n', 'u32']],
  body:
    SIGMOID +
    forEachElement(`
  let g = gate[i];
  let s = sigmoid(g);
  let d = dy[i];
  dgate[i] = d * up[i] * s * (1.0 + g * (1.0 - s));
  dup[i] = d * g * s;`),
};

export const fillKernel: Kernel = {
  name: 'fill',
  bindings: [output('words', 'u32')],
  params: [
    ['n', 'u32'],
    ['bits', 'u32'],
  ],
  body: forEachElement('words[i] = P.bits;'),
};

export const copyWithinKernel: Kernel = {
  name: 'copyWithin',
  bindings: [output('data', 'u32')],
  params: [
    ['n', 'u32'],
    ['source', 'u32'],
    ['destination', 'u32'],
  ],
  body: forEachElement('data[P.destination + i] = data[P.source + i];'),
};
