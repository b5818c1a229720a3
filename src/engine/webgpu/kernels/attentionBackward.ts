/**
 * Attention backward over packed segments, FlashAttention-2 style (Dao 2023): three kernels, no T×T matrix and
 * no atomics.
 *
 *   delta   stats[t,h] = (lse, D),  D = Σ_c dout · out
 *   query   p = exp(s − lse);  ds = p (dout·v − D);  dq = Σ_keys ds · k / √C
 *   key     dv = Σ p · dout;  dk = Σ ds · q / √C, over the rows that see the key and the query heads that
 *           share its head
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import {
  LANES,
  attentionTile,
  eachVector,
  entryPoint,
  findTile,
  loadTile,
  loadVector,
  storeVector,
  zeroVectors,
} from './attentionTiles.ts';
import type { AttentionTile } from './attentionTiles.ts';
import { forEachElement } from './elementwise.ts';

const PARAMS: Kernel['params'] = [
  ['S', 'u32'],
  ['slots', 'u32'],
  ['heads', 'u32'],
  ['kvHeads', 'u32'],
  ['scale', 'f32'],
  ['causal', 'u32'],
];

export const attentionQueryTile = (channels: number): AttentionTile => attentionTile(channels, 2, 2, 1);
export const attentionKeyTile = (channels: number): AttentionTile => attentionTile(channels, 2, 2, 2);

export const attentionDeltaKernel: Kernel = {
  name: 'attentionDelta',
  bindings: [input('out'), input('dout'), input('lse'), output('stats')],
  params: [
    ['n', 'u32'],
    ['C', 'u32'],
  ],
  body: forEachElement(`
  var sum = 0.0;
  for (var c = 0u; c < P.C; c++) { sum += out[i * P.C + c] * dout[i * P.C + c]; }
  stats[2u * i] = lse[i];
  stats[2u * i + 1u] = sum;`),
};

const perLane = (tile: AttentionTile): number[] => Array.from({ length: tile.step / LANES }, (_, j) => j);

export function attentionQueryKernel(channels: number): Kernel {
  const tile = attentionQueryTile(channels);
  const { rows, step, vectors, threads } = tile;
  const own = perLane(tile);
  return {
    name: `attentionQuery ${channels}`,
    bindings: [
      input('q'),
      input('k'),
      input('v'),
      input('starts', 'i32'),
      input('stats'),
      input('dout'),
      output('dq'),
    ],
    params: PARAMS,
    body: `
var<workgroup> queries: array<vec4f, ${rows * vectors}>;
var<workgroup> gradients: array<vec4f, ${rows * vectors}>;
var<workgroup> keys: array<vec4f, ${step * vectors}>;
var<workgroup> values: array<vec4f, ${step * vectors}>;
var<workgroup> weights: array<f32, ${rows * step}>;
${findTile(tile)}
${['q', 'k', 'v', 'dout'].map((name) => loadVector(name, tile)).join('')}
${storeVector('dq', tile)}
${entryPoint(threads)}
  let slot = linearGroup(group, groups);
  if (slot >= P.slots) { return; }
  if (local == 0u) { findTile(slot); }
  let span = workgroupUniformLoad(&found);
  if (span.z >= span.y) { return; }
  let head = group.z;
  let kvHead = head / (P.heads / P.kvHeads);
  let r = local / ${LANES}u;
  let lane = local % ${LANES}u;
  let row = span.z + r;
  let rowEnd = select(span.y, min(row + 1u, span.y), P.causal == 1u);
  let tileEnd = select(span.y, min(span.z + ${rows}u, span.y), P.causal == 1u);
  var lse = 0.0;
  var delta = 0.0;
  if (row < span.y) {
    lse = stats[2u * (row * P.heads + head)];
    delta = stats[2u * (row * P.heads + head) + 1u];
  }
  ${loadTile(tile, 'queries', 'q', rows, 'span.z', 'span.y', 'P.heads', 'head', ' * P.scale')}
  ${loadTile(tile, 'gradients', 'dout', rows, 'span.z', 'span.y', 'P.heads', 'head')}
  ${zeroVectors(tile, 'sum')}
  for (var base = span.x; base < tileEnd; base += ${step}u) {
    workgroupBarrier();
    ${loadTile(tile, 'keys', 'k', step, 'base', 'span.y', 'P.kvHeads', 'kvHead')}
    ${loadTile(tile, 'values', 'v', step, 'base', 'span.y', 'P.kvHeads', 'kvHead')}
    workgroupBarrier();
    ${own.map((j) => `var score${j} = 0.0; var dp${j} = 0.0;`).join('\n    ')}
    for (var c = 0u; c < ${vectors}u; c++) {
      let query = queries[r * ${vectors}u + c];
      let gradient = gradients[r * ${vectors}u + c];
      ${own
        .map(
          (j) => `score${j} += dot(query, keys[(lane + ${j * LANES}u) * ${vectors}u + c]);
      dp${j} += dot(gradient, values[(lane + ${j * LANES}u) * ${vectors}u + c]);`,
        )
        .join('\n      ')}
    }
    let count = min(max(rowEnd, base) - base, ${step}u);
    ${own
      .map(
        (j) => `if (lane + ${j * LANES}u < count) {
      weights[r * ${step}u + lane + ${j * LANES}u] = exp(score${j} - lse) * (dp${j} - delta);
    }`,
      )
      .join('\n    ')}
    workgroupBarrier();
    for (var j = 0u; j < count; j++) {
      let w = weights[r * ${step}u + j];
      ${eachVector(tile, (i, vector) => `sum${i} += w * keys[j * ${vectors}u + ${vector}];`)}
    }
  }
  if (row >= span.y) { return; }
  let at = (row * P.heads + head) * ${channels}u;
  ${eachVector(tile, (i, vector) => `store_dq(at, ${vector}, sum${i} * P.scale);`)}
}`,
  };
}

export function attentionKeyKernel(channels: number): Kernel {
  const tile = attentionKeyTile(channels);
  const { rows, step, vectors, threads } = tile;
  const own = perLane(tile);
  return {
    name: `attentionKey ${channels}`,
    bindings: [
      input('q'),
      input('k'),
      input('v'),
      input('starts', 'i32'),
      input('stats'),
      input('dout'),
      output('dk'),
      output('dv'),
    ],
    params: PARAMS,
    body: `
var<workgroup> keys: array<vec4f, ${rows * vectors}>;
var<workgroup> values: array<vec4f, ${rows * vectors}>;
var<workgroup> queries: array<vec4f, ${step * vectors}>;
var<workgroup> gradients: array<vec4f, ${step * vectors}>;
var<workgroup> weights: array<f32, ${rows * step}>;
var<workgroup> slopes: array<f32, ${rows * step}>;
${findTile(tile)}
${['q', 'k', 'v', 'dout'].map((name) => loadVector(name, tile)).join('')}
${storeVector('dk', tile)}
${storeVector('dv', tile)}
${entryPoint(threads)}
  let slot = linearGroup(group, groups);
  if (slot >= P.slots) { return; }
  if (local == 0u) { findTile(slot); }
  let span = workgroupUniformLoad(&found);
  if (span.z >= span.y) { return; }
  let kvHead = group.z;
  let sharing = P.heads / P.kvHeads;
  let r = local / ${LANES}u;
  let lane = local % ${LANES}u;
  let row = span.z + r;
  // Queries from here on see the key of this row, and the first that sees any key of the tile.
  let rowBegin = select(span.x, row, P.causal == 1u);
  let tileBegin = select(span.x, span.z, P.causal == 1u);
  ${loadTile(tile, 'keys', 'k', rows, 'span.z', 'span.y', 'P.kvHeads', 'kvHead', ' * P.scale')}
  ${loadTile(tile, 'values', 'v', rows, 'span.z', 'span.y', 'P.kvHeads', 'kvHead')}
  ${zeroVectors(tile, 'keySum')}
  ${zeroVectors(tile, 'valueSum')}
  for (var head = kvHead * sharing; head < (kvHead + 1u) * sharing; head++) {
    for (var base = tileBegin; base < span.y; base += ${step}u) {
      workgroupBarrier();
      ${loadTile(tile, 'queries', 'q', step, 'base', 'span.y', 'P.heads', 'head')}
      ${loadTile(tile, 'gradients', 'dout', step, 'base', 'span.y', 'P.heads', 'head')}
      workgroupBarrier();
      ${own.map((j) => `var score${j} = 0.0; var dp${j} = 0.0;`).join('\n      ')}
      for (var c = 0u; c < ${vectors}u; c++) {
        let key = keys[r * ${vectors}u + c];
        let value = values[r * ${vectors}u + c];
        ${own
          .map(
            (j) => `score${j} += dot(key, queries[(lane + ${j * LANES}u) * ${vectors}u + c]);
        dp${j} += dot(value, gradients[(lane + ${j * LANES}u) * ${vectors}u + c]);`,
          )
          .join('\n        ')}
      }
      ${own
        .map(
          (j) => `{
        let query = base + lane + ${j * LANES}u;
        var p = 0.0;
        var slope = 0.0;
        if (query < span.y && query >= rowBegin) {
          let stat = 2u * (query * P.heads + head);
          p = exp(score${j} - stats[stat]);
          slope = p * (dp${j} - stats[stat + 1u]);
        }
        weights[r * ${step}u + lane + ${j * LANES}u] = p;
        slopes[r * ${step}u + lane + ${j * LANES}u] = slope;
      }`,
        )
        .join('\n      ')}
      workgroupBarrier();
      for (var j = 0u; j < ${step}u; j++) {
        let p = weights[r * ${step}u + j];
        let slope = slopes[r * ${step}u + j];
        ${eachVector(
          tile,
          (i, vector) => `keySum${i} += slope * queries[j * ${vectors}u + ${vector}];
        valueSum${i} += p * gradients[j * ${vectors}u + ${vector}];`,
        )}
      }
    }
  }
  if (row >= span.y) { return; }
  let at = (row * P.kvHeads + kvHead) * ${channels}u;
  ${eachVector(
    tile,
    (i, vector) => `store_dk(at, ${vector}, keySum${i} * P.scale);
  store_dv(at, ${vector}, valueSum${i});`,
  )}
}`,
  };
}
