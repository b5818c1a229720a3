/**
 * Attention forward over packed segments, FlashAttention-2 style (Dao 2023), grouped heads.
 *
 *   scores = q·k/√C;  out = softmax(scores) · v;  lse = log Σ exp scores
 *
 * A workgroup makes a tile of query rows of one head and walks the keys of its segment `step` at a time with a
 * running maximum and sum. The shared key tile holds keys, then values.
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

export const attentionForwardTile = (channels: number): AttentionTile => attentionTile(channels, 1, 1, 1);

export function attentionKernel(channels: number): Kernel {
  const tile = attentionForwardTile(channels);
  const { rows, step, vectors, threads } = tile;
  const keysPerLane = Array.from({ length: step / LANES }, (_, j) => j);
  return {
    name: `attention ${channels}`,
    bindings: [input('q'), input('k'), input('v'), input('starts', 'i32'), output('out'), output('lse')],
    params: [
      ['S', 'u32'],
      ['slots', 'u32'],
      ['heads', 'u32'],
      ['kvHeads', 'u32'],
      ['scale', 'f32'],
      ['causal', 'u32'],
    ],
    body: `
var<workgroup> queries: array<vec4f, ${rows * vectors}>;
var<workgroup> keys: array<vec4f, ${step * vectors}>;
var<workgroup> scores: array<f32, ${rows * step}>;
${findTile(tile)}
${loadVector('q', tile)}
${loadVector('k', tile)}
${loadVector('v', tile)}
${storeVector('out', tile)}
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
  // Keys that the row sees, and the last that any row of the tile sees.
  let rowEnd = select(span.y, min(row + 1u, span.y), P.causal == 1u);
  let tileEnd = select(span.y, min(span.z + ${rows}u, span.y), P.causal == 1u);
  ${loadTile(tile, 'queries', 'q', rows, 'span.z', 'span.y', 'P.heads', 'head', ' * P.scale')}
  ${zeroVectors(tile, 'sum')}
  var largest = 0.0;
  var total = 0.0;
  for (var base = span.x; base < tileEnd; base += ${step}u) {
    workgroupBarrier();
    ${loadTile(tile, 'keys', 'k', step, 'base', 'span.y', 'P.kvHeads', 'kvHead')}
    workgroupBarrier();
    ${keysPerLane.map((j) => `var score${j} = 0.0;`).join(' ')}
    for (var c = 0u; c < ${vectors}u; c++) {
      let query = queries[r * ${vectors}u + c];
      ${keysPerLane.map((j) => `score${j} += dot(query, keys[(lane + ${j * LANES}u) * ${vectors}u + c]);`).join('\n      ')}
    }
    ${keysPerLane.map((j) => `scores[r * ${step}u + lane + ${j * LANES}u] = score${j};`).join('\n    ')}
    workgroupBarrier();
    ${loadTile(tile, 'keys', 'v', step, 'base', 'span.y', 'P.kvHeads', 'kvHead')}
    workgroupBarrier();
    let count = min(max(rowEnd, base) - base, ${step}u);
    if (row < span.y && count > 0u) {
      var peak = scores[r * ${step}u];
      for (var j = 1u; j < count; j++) { peak = max(peak, scores[r * ${step}u + j]); }
      if (total > 0.0) { peak = max(peak, largest); }
      let shrink = select(0.0, exp(largest - peak), total > 0.0);
      largest = peak;
      total *= shrink;
      ${eachVector(tile, (i) => `sum${i} *= shrink;`)}
      for (var j = 0u; j < count; j++) {
        let p = exp(scores[r * ${step}u + j] - peak);
        total += p;
        ${eachVector(tile, (i, vector) => `sum${i} += p * keys[j * ${vectors}u + ${vector}];`)}
      }
    }
  }
  if (row >= span.y) { return; }
  let at = (row * P.heads + head) * ${channels}u;
  ${eachVector(tile, (i, vector) => `store_out(at, ${vector}, sum${i} / total);`)}
  if (lane == 0u) { lse[row * P.heads + head] = largest + log(total); }
}`,
  };
}
