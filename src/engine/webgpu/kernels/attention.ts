/**
 * Attention forward over packed segments, FlashAttention-2 style (Dao 2023), grouped heads.
 *
 *   scores = q·k/√C;  out = softmax(scores) · v;  lse = log Σ exp scores
 *
 * A workgroup makes a tile of query rows of one head and walks the keys of its segment `step` at a time with a
 * running maximum and sum. The shared key tile holds keys, then values.
 */

import type { Kernel } from '../kernel.ts';
import {
  ATTENTION_PARAMS,
  LANES,
  attentionBindings,
  attentionTile,
  eachVector,
  loadTile,
  ownRows,
  ownSteps,
  tileKernelStart,
  zeroVectors,
} from './attentionTiles.ts';
import type { AttentionTile } from './attentionTiles.ts';

/** `own`: rows of one invocation. */
export const attentionForwardTile = (channels: number, own: number): AttentionTile =>
  attentionTile(channels, 1, 1, 1, own);

export function attentionKernel(channels: number, own: number): Kernel {
  const tile = attentionForwardTile(channels, own);
  const { rows, step, vectors } = tile;
  const is = ownRows(tile);
  const js = ownSteps(tile);
  return {
    name: `attention ${channels} ${own}`,
    bindings: attentionBindings([], ['out', 'lse']),
    params: ATTENTION_PARAMS,
    body: `
var<workgroup> queries: array<vec4f, ${rows * vectors}>;
var<workgroup> keys: array<vec4f, ${step * vectors}>;
var<workgroup> weights: array<f32, ${rows * step}>;
var<workgroup> peaks: array<vec4f, ${rows}>;
${tileKernelStart(tile, ['q', 'k', 'v'], ['out'])}
  let head = group.z;
  let kvHead = head / sharing;
  // The last key that any row of the tile sees, and those that each of this invocation's rows sees.
  let tileEnd = select(span.y, min(span.z + ${rows}u, span.y), P.causal == 1u);
  ${is.map((i) => `let rowEnd${i} = select(span.x, select(span.y, row${i} + 1u, P.causal == 1u), row${i} < span.y);`).join('\n  ')}
  ${loadTile(tile, 'queries', 'q', rows, 'span.z', 'span.y', 'P.heads', 'head', ' * P.scale')}
  ${is.map((i) => `${zeroVectors(tile, `sum${i}_`)} var largest${i} = 0.0; var total${i} = 0.0;`).join('\n  ')}
  for (var base = span.x; base < tileEnd; base += ${step}u) {
    workgroupBarrier();
    ${loadTile(tile, 'keys', 'k', step, 'base', 'span.y', 'P.kvHeads', 'kvHead')}
    workgroupBarrier();
    ${is.map((i) => js.map((j) => `var score${i}_${j} = 0.0;`).join(' ')).join('\n    ')}
    for (var c = 0u; c < ${vectors}u; c++) {
      ${is.map((i) => `let query${i} = queries[r${i} * ${vectors}u + c];`).join('\n      ')}
      ${js
        .map(
          (j) => `{ let key = keys[(lane + ${j * LANES}u) * ${vectors}u + c];
        ${is.map((i) => `score${i}_${j} += dot(query${i}, key);`).join(' ')} }`,
        )
        .join('\n      ')}
    }
    ${is
      .map(
        (i) => `let count${i} = min(max(rowEnd${i}, base) - base, ${step}u);
    var own${i} = -3.0e38;
    ${js.map((j) => `if (lane + ${j * LANES}u < count${i}) { own${i} = max(own${i}, score${i}_${j}); }`).join('\n    ')}
    peaks[r${i}][lane] = own${i};`,
      )
      .join('\n    ')}
    workgroupBarrier();
    ${is
      .map(
        (i) => `if (count${i} > 0u) {
      let four = peaks[r${i}];
      var peak = max(max(four.x, four.y), max(four.z, four.w));
      if (total${i} > 0.0) { peak = max(peak, largest${i}); }
      let shrink = select(0.0, exp(largest${i} - peak), total${i} > 0.0);
      largest${i} = peak;
      total${i} *= shrink;
      ${eachVector(tile, (v) => `sum${i}_${v} *= shrink;`)}
    }
    ${js
      .map(
        (j) =>
          `weights[r${i} * ${step}u + lane + ${j * LANES}u] = select(0.0, exp(min(score${i}_${j} - largest${i}, 0.0)), lane + ${j * LANES}u < count${i});`,
      )
      .join('\n    ')}`,
      )
      .join('\n    ')}
    ${loadTile(tile, 'keys', 'v', step, 'base', 'span.y', 'P.kvHeads', 'kvHead')}
    workgroupBarrier();
    for (var j = 0u; j < min(tileEnd - base, ${step}u); j++) {
      ${is.map((i) => `let p${i} = weights[r${i} * ${step}u + j]; total${i} += p${i};`).join('\n      ')}
      ${eachVector(
        tile,
        (v, vector) => `let value${v} = keys[j * ${vectors}u + ${vector}];
        ${is.map((i) => `sum${i}_${v} += p${i} * value${v};`).join(' ')}`,
      )}
    }
  }
  ${is
    .map(
      (i) => `if (row${i} < span.y) {
    let at = (row${i} * P.heads + head) * ${channels}u;
    ${eachVector(tile, (v, vector) => `store_out(at, ${vector}, sum${i}_${v} / total${i});`)}
    if (lane == 0u) { lse[row${i} * P.heads + head] = largest${i} + log(total${i}); }
  }`,
    )
    .join('\n  ')}
}`,
  };
}
