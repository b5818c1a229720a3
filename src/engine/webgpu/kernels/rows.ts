/**
 * Kernels that move or pool rows of D channels.
 *
 *   gatherRows           y[n,:] = x[rows[n],:]
 *   embedding            y[t,:] = table[ids[t],:] where ids[t] is in first…first+count, the rows that are bound
 *   scatterRowsAdd       dx[rows[n],:] += dy[n,:], rows distinct
 *   segmentMean          y[s,:] = mean of x over segment s (zero for an empty segment)
 *   segmentMeanBackward  dx[t,:] = dy[s(t),:] / length(s(t))
 *   cacheWrite           cache[slots[n], positions[n], :] = x[n,:]
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import type { QuantKind } from '../../quantised.ts';
import { forEachElement } from './elementwise.ts';
import { weightReader } from './weights.ts';

/** WGSL: the segment of a token, by binary search in starts[0…S]. */
const SEGMENT_OF = `
fn segmentOf(token: i32) -> u32 {
  var low = 0u;
  var high = P.S;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (starts[middle] <= token) { low = middle; } else { high = middle; }
  }
  return low;
}`;

export const gatherRowsKernel: Kernel = {
  name: 'gatherRows',
  bindings: [input('x'), input('rows', 'i32'), output('y')],
  params: [
    ['n', 'u32'],
    ['D', 'u32'],
  ],
  body: forEachElement('y[i] = x[u32(rows[i / P.D]) * P.D + i % P.D];'),
};

export const embeddingKernel: Kernel = {
  name: 'embedding',
  bindings: [input('table'), input('ids', 'i32'), output('y')],
  params: [
    ['n', 'u32'],
    ['D', 'u32'],
    ['first', 'u32'],
    ['count', 'u32'],
  ],
  body: forEachElement(`
  let row = u32(ids[i / P.D]) - P.first;
  if (row < P.count) { y[i] = table[row * P.D + i % P.D]; }`),
};

/** `embedding` from a quantised table. */
export function quantisedEmbeddingKernel(kind: QuantKind): Kernel {
  const table = weightReader('table', kind, 'P.D');
  return {
    name: `embedding ${kind}`,
    bindings: [table.binding, input('ids', 'i32'), output('y')],
    params: embeddingKernel.params,
    body:
      table.functions +
      forEachElement(`
  let row = u32(ids[i / P.D]) - P.first;
  if (row < P.count) { y[i] = ${table.one('row', 'i % P.D')}; }`),
  };
}

export const scatterRowsAddKernel: Kernel = {
  name: 'scatterRowsAdd',
  bindings: [input('dy'), input('rows', 'i32'), output('dx')],
  params: [
    ['n', 'u32'],
    ['D', 'u32'],
  ],
  body: forEachElement('dx[u32(rows[i / P.D]) * P.D + i % P.D] += dy[i];'),
};

export const segmentMeanKernel: Kernel = {
  name: 'segmentMean',
  bindings: [input('x'), input('starts', 'i32'), output('y')],
  params: [
    ['n', 'u32'],
    ['D', 'u32'],
  ],
  body: forEachElement(`
  let s = i / P.D;
  let begin = u32(starts[s]);
  let end = u32(starts[s + 1u]);
  var sum = 0.0;
  for (var t = begin; t < end; t++) { sum += x[t * P.D + i % P.D]; }
  y[i] = sum / f32(max(end - begin, 1u));`),
};

export const segmentMeanBackwardKernel: Kernel = {
  name: 'segmentMeanBackward',
  bindings: [input('dy'), input('starts', 'i32'), output('dx')],
  params: [
    ['n', 'u32'],
    ['D', 'u32'],
    ['S', 'u32'],
  ],
  body:
    SEGMENT_OF +
    forEachElement(`
  let s = segmentOf(i32(i / P.D));
  dx[i] = dy[s * P.D + i % P.D] / f32(starts[s + 1u] - starts[s]);`),
};

export const cacheWriteKernel: Kernel = {
  name: 'cacheWrite',
  bindings: [input('x'), input('slots', 'i32'), input('positions', 'i32'), output('cache')],
  params: [
    ['n', 'u32'],
    ['W', 'u32'],
    ['capacity', 'u32'],
  ],
  body: forEachElement(`
  let row = i / P.W;
  cache[(u32(slots[row]) * P.capacity + u32(positions[row])) * P.W + i % P.W] = x[i];`),
};
