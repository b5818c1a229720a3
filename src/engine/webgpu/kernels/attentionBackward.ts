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
import { forEachElement } from './elementwise.ts';

/** `own`: rows of one invocation. */
export const attentionQueryTile = (channels: number, own: number): AttentionTile =>
  attentionTile(channels, 2, 2, 1, own);
/** With sums of two gradients an invocation holds half as many rows. */
export const attentionKeyTile = (channels: number, own: number): AttentionTile =>
  attentionTile(channels, 2, 2, 2, Math.max(1, own / 2));

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

export function attentionQueryKernel(channels: number, own: number): Kernel {
  const tile = attentionQueryTile(channels, own);
  const { rows, step, vectors } = tile;
  const is = ownRows(tile);
  const js = ownSteps(tile);
  return {
    name: `attentionQuery ${channels} ${own}`,
    bindings: attentionBindings(['stats', 'dout'], ['dq']),
    params: ATTENTION_PARAMS,
    body: `
var<workgroup> queries: array<vec4f, ${rows * vectors}>;
var<workgroup> gradients: array<vec4f, ${rows * vectors}>;
var<workgroup> keys: array<vec4f, ${step * vectors}>;
var<workgroup> values: array<vec4f, ${step * vectors}>;
var<workgroup> weights: array<f32, ${rows * step}>;
${tileKernelStart(tile, ['q', 'k', 'v', 'dout'], ['dq'])}
  let head = group.z;
  let kvHead = head / sharing;
  let tileEnd = select(span.y, min(span.z + ${rows}u, span.y), P.causal == 1u);
  ${is
    .map(
      (i) => `let rowEnd${i} = select(span.x, select(span.y, row${i} + 1u, P.causal == 1u), row${i} < span.y);
  let stat${i} = 2u * (min(row${i}, span.y - 1u) * P.heads + head);
  let lse${i} = stats[stat${i}];
  let delta${i} = stats[stat${i} + 1u];`,
    )
    .join('\n  ')}
  ${loadTile(tile, 'queries', 'q', rows, 'span.z', 'span.y', 'P.heads', 'head', ' * P.scale')}
  ${loadTile(tile, 'gradients', 'dout', rows, 'span.z', 'span.y', 'P.heads', 'head')}
  ${is.map((i) => zeroVectors(tile, `sum${i}_`)).join('\n  ')}
  for (var base = span.x; base < tileEnd; base += ${step}u) {
    workgroupBarrier();
    ${loadTile(tile, 'keys', 'k', step, 'base', 'span.y', 'P.kvHeads', 'kvHead')}
    ${loadTile(tile, 'values', 'v', step, 'base', 'span.y', 'P.kvHeads', 'kvHead')}
    workgroupBarrier();
    ${is.map((i) => js.map((j) => `var score${i}_${j} = 0.0; var dp${i}_${j} = 0.0;`).join(' ')).join('\n    ')}
    for (var c = 0u; c < ${vectors}u; c++) {
      ${is
        .map(
          (i) =>
            `let query${i} = queries[r${i} * ${vectors}u + c]; let gradient${i} = gradients[r${i} * ${vectors}u + c];`,
        )
        .join('\n      ')}
      ${js
        .map(
          (j) => `{ let key = keys[(lane + ${j * LANES}u) * ${vectors}u + c];
        let value = values[(lane + ${j * LANES}u) * ${vectors}u + c];
        ${is.map((i) => `score${i}_${j} += dot(query${i}, key); dp${i}_${j} += dot(gradient${i}, value);`).join(' ')} }`,
        )
        .join('\n      ')}
    }
    ${is
      .map(
        (i) => `let count${i} = min(max(rowEnd${i}, base) - base, ${step}u);
    ${js
      .map(
        (j) =>
          `weights[r${i} * ${step}u + lane + ${j * LANES}u] = select(0.0, exp(score${i}_${j} - lse${i}) * (dp${i}_${j} - delta${i}), lane + ${j * LANES}u < count${i});`,
      )
      .join('\n    ')}`,
      )
      .join('\n    ')}
    workgroupBarrier();
    for (var j = 0u; j < min(tileEnd - base, ${step}u); j++) {
      ${is.map((i) => `let w${i} = weights[r${i} * ${step}u + j];`).join(' ')}
      ${eachVector(
        tile,
        (v, vector) => `let key${v} = keys[j * ${vectors}u + ${vector}];
        ${is.map((i) => `sum${i}_${v} += w${i} * key${v};`).join(' ')}`,
      )}
    }
  }
  ${is
    .map(
      (i) => `if (row${i} < span.y) {
    let at = (row${i} * P.heads + head) * ${channels}u;
    ${eachVector(tile, (v, vector) => `store_dq(at, ${vector}, sum${i}_${v} * P.scale);`)}
  }`,
    )
    .join('\n  ')}
}`,
  };
}

export function attentionKeyKernel(channels: number, own: number): Kernel {
  const tile = attentionKeyTile(channels, own);
  const { rows, step, vectors } = tile;
  const is = ownRows(tile);
  const js = ownSteps(tile);
  return {
    name: `attentionKey ${channels} ${own}`,
    bindings: attentionBindings(['stats', 'dout'], ['dk', 'dv']),
    params: ATTENTION_PARAMS,
    body: `
var<workgroup> keys: array<vec4f, ${rows * vectors}>;
var<workgroup> values: array<vec4f, ${rows * vectors}>;
var<workgroup> queries: array<vec4f, ${step * vectors}>;
var<workgroup> gradients: array<vec4f, ${step * vectors}>;
var<workgroup> weights: array<f32, ${rows * step}>;
var<workgroup> slopes: array<f32, ${rows * step}>;
${tileKernelStart(tile, ['q', 'k', 'v', 'dout'], ['dk', 'dv'])}
  let kvHead = group.z;
  // The first query that sees any key of the tile, and those from which on each of this invocation's keys is seen.
  let tileBegin = select(span.x, span.z, P.causal == 1u);
  ${is.map((i) => `let rowBegin${i} = select(span.x, row${i}, P.causal == 1u);`).join('\n  ')}
  ${loadTile(tile, 'keys', 'k', rows, 'span.z', 'span.y', 'P.kvHeads', 'kvHead', ' * P.scale')}
  ${loadTile(tile, 'values', 'v', rows, 'span.z', 'span.y', 'P.kvHeads', 'kvHead')}
  ${is.map((i) => `${zeroVectors(tile, `keySum${i}_`)} ${zeroVectors(tile, `valueSum${i}_`)}`).join('\n  ')}
  for (var head = kvHead * sharing; head < (kvHead + 1u) * sharing; head++) {
    for (var base = tileBegin; base < span.y; base += ${step}u) {
      workgroupBarrier();
      ${loadTile(tile, 'queries', 'q', step, 'base', 'span.y', 'P.heads', 'head')}
      ${loadTile(tile, 'gradients', 'dout', step, 'base', 'span.y', 'P.heads', 'head')}
      workgroupBarrier();
      ${is.map((i) => js.map((j) => `var score${i}_${j} = 0.0; var dp${i}_${j} = 0.0;`).join(' ')).join('\n      ')}
      for (var c = 0u; c < ${vectors}u; c++) {
        ${is
          .map(
            (i) =>
              `let key${i} = keys[r${i} * ${vectors}u + c]; let value${i} = values[r${i} * ${vectors}u + c];`,
          )
          .join('\n        ')}
        ${js
          .map(
            (j) => `{ let query = queries[(lane + ${j * LANES}u) * ${vectors}u + c];
          let gradient = gradients[(lane + ${j * LANES}u) * ${vectors}u + c];
          ${is.map((i) => `score${i}_${j} += dot(key${i}, query); dp${i}_${j} += dot(value${i}, gradient);`).join(' ')} }`,
          )
          .join('\n        ')}
      }
      ${js
        .map(
          (j) => `{
        let query = base + lane + ${j * LANES}u;
        let stat = 2u * (min(query, span.y - 1u) * P.heads + head);
        let norm = stats[stat];
        let delta = stats[stat + 1u];
        ${is
          .map(
            (i) => `{
          let p = select(0.0, exp(score${i}_${j} - norm), query < span.y && query >= rowBegin${i});
          weights[r${i} * ${step}u + lane + ${j * LANES}u] = p;
          slopes[r${i} * ${step}u + lane + ${j * LANES}u] = select(0.0, p * (dp${i}_${j} - delta), p > 0.0);
        }`,
          )
          .join('\n        ')}
      }`,
        )
        .join('\n      ')}
      workgroupBarrier();
      for (var j = 0u; j < min(span.y - base, ${step}u); j++) {
        ${is.map((i) => `let p${i} = weights[r${i} * ${step}u + j]; let slope${i} = slopes[r${i} * ${step}u + j];`).join('\n        ')}
        ${eachVector(
          tile,
          (v, vector) => `let query${v} = queries[j * ${vectors}u + ${vector}];
        let gradient${v} = gradients[j * ${vectors}u + ${vector}];
        ${is.map((i) => `keySum${i}_${v} += slope${i} * query${v}; valueSum${i}_${v} += p${i} * gradient${v};`).join(' ')}`,
        )}
      }
    }
  }
  ${is
    .map(
      (i) => `if (row${i} < span.y) {
    let at = (row${i} * P.kvHeads + kvHead) * ${channels}u;
    ${eachVector(
      tile,
      (v, vector) => `store_dk(at, ${vector}, keySum${i}_${v} * P.scale);
    store_dv(at, ${vector}, valueSum${i}_${v});`,
    )}
  }`,
    )
    .join('\n  ')}
}`,
  };
}
