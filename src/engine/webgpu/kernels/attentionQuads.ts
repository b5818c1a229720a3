/**
 * Attention for drivers that run on the CPU (see matmulPanel.ts): the sums of attention.ts and attentionBackward.ts,
 * without workgroup memory and barriers, which cost more there than all the arithmetic.
 *
 *   attentionQuads       out, lse
 *   attentionQuadsQuery  dq
 *   attentionQuadsKey    dk, dv
 *
 * A workgroup is one quad. Invocation i has the rows first + i + 4r of its tile in private memory and walks the tokens
 * of the other side, STEP at a time: of each the quad reads four channels at once and hands them round. Needs quad
 * operations, and heads of a multiple of 4 channels, 64 at most.
 */

import type { Kernel } from '../kernel.ts';
import { ATTENTION_PARAMS, attentionBindings, segmentOfSlot } from './attentionTiles.ts';
import { EXPONENTIAL } from './exponential.ts';
import { QUAD_PLACE, shareQuad } from './quads.ts';

const STEP = 2;
const steps = [0, 1] as const;

export const attentionQuadsFit = (channels: number): boolean => channels % 4 === 0 && channels <= 64;

/** Rows of one invocation, of a tile a quarter, that leave the private memory in the fastest cache. */
const queryRows = (channels: number): number => (channels <= 32 ? 8 : 4);
const keyRows = (channels: number): number => queryRows(channels) / 2;

/** Rows of a tile. */
export const attentionQuadsQueries = (channels: number): number => 4 * queryRows(channels);
export const attentionQuadsKeys = (channels: number): number => 4 * keyRows(channels);

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** WGSL: private arrays of `own` rows. */
const privates = (names: readonly string[], channels: number, own: number): string =>
  names.map((name) => `var<private> ${name}: array<f32, ${own * channels}>;`).join('\n');

/** WGSL: `store(r)` for each own row r of the tile and channel c, `at` the place of both in a matrix of heads. */
const storeRows = (channels: number, own: number, place: string, store: (r: number) => string): string => `
  for (var c = 0u; c < ${channels}u; c++) {
    ${range(own)
      .map((r) => `if (row${r} < span.y) { let at = (row${r} * ${place}) * ${channels}u + c; ${store(r)} }`)
      .join(' ')}
  }`;

/** WGSL: the start of every kernel, `own` rows an invocation. */
const begin = (own: number): string => `
@compute @workgroup_size(4)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let slot = linearGroup(group, groups);
  if (slot >= P.slots) { return; }
  ${segmentOfSlot(4 * own)}
  if (span.z >= span.y) { return; }
  ${QUAD_PLACE}
  let sharing = P.heads / P.kvHeads;
  ${range(own)
    .map((r) => `let row${r} = span.z + lane + ${4 * r}u; let place${r} = min(row${r}, span.y - 1u);`)
    .join('\n  ')}`;

/** WGSL: fills the private array `to` with the own rows of `from`, channel by channel. */
const hold = (to: string, from: string, channels: number, own: number, place: string, scale = ''): string => `
  for (var c = 0u; c < ${channels}u; c++) {
    ${range(own)
      .map((r) => `${to}[c * ${own}u + ${r}u] = ${from}[(place${r} * ${place}) * ${channels}u + c]${scale};`)
      .join(' ')}
  }`;

/** WGSL: `<to><s>_<c>`, all channels of the token of each step s, the same in all four invocations. */
const share = (to: string, from: string, channels: number, place: string): string =>
  steps
    .map((s) => {
      const fours = range(channels / 4).map((four) => {
        const own = `${to}Own${s}_${four}`;
        const name = (c: number): string => `${to}${s}_${4 * four + c}`;
        return `let ${own} = ${from}[${to}At${s} + ${4 * four}u];${shareQuad(own, [name(0), name(1), name(2), name(3)])}`;
      });
      return `
      let ${to}At${s} = (token${s} * ${place}) * ${channels}u + lane;
      ${fours.join('\n      ')}`;
    })
    .join('');

/** WGSL: `let name` becomes the product of an own row in `held` and a shared token. */
function product(
  name: string,
  held: string,
  to: string,
  r: number,
  s: number,
  channels: number,
  own: number,
) {
  const terms = range(channels).map(
    (c) =>
      `let ${name}_${c} = fma(${held}[${c * own + r}u], ${to}${s}_${c}, ${c === 0 ? '0.0' : `${name}_${c - 1}`});`,
  );
  return `${terms.join(' ')} let ${name} = ${name}_${channels - 1};`;
}

/** WGSL: adds weight · token of each step to the own row r in `held`. */
const add = (
  held: string,
  weight: string,
  to: string,
  r: number,
  channels: number,
  own: number,
  scale = '',
) =>
  range(channels)
    .map((c) => {
      const place = `${held}[${c * own + r}u]`;
      const sum = steps.reduce(
        (before, s) => `fma(${weight}${r}_${s}, ${to}${s}_${c}, ${before})`,
        `${place}${scale}`,
      );
      return `${place} = ${sum};`;
    })
    .join(' ');

const tokens = steps.map((s) => `let token${s} = min(base + ${s}u, span.y - 1u);`).join(' ');

/** WGSL: `norm<i>` and `delta<i>`, the statistics of a token. */
const statsOf = (i: number, token: string): string =>
  `let stat${i} = 2u * (${token} * P.heads + head); let norm${i} = stats[stat${i}]; let delta${i} = stats[stat${i} + 1u];`;

/** WGSL: the tokens a query row sees: up to `rowEnd<r>`. */
const rowEnds = (own: number): string => `
  let tileEnd = select(span.y, min(span.z + ${4 * own}u, span.y), P.causal == 1u);
  ${range(own)
    .map((r) => `let rowEnd${r} = select(span.y, min(row${r} + 1u, span.y), P.causal == 1u);`)
    .join(' ')}`;

export function attentionQuadsKernel(channels: number): Kernel {
  const own = queryRows(channels);
  const rows = range(own);
  return {
    name: `attentionQuads ${channels}`,
    bindings: attentionBindings([], ['out', 'lse']),
    params: ATTENTION_PARAMS,
    subgroups: true,
    body: `
${privates(['queries', 'sums'], channels, own)}
${EXPONENTIAL}
${begin(own)}
  let head = group.z;
  let kvHead = head / sharing;
  ${rowEnds(own)}
  ${hold('queries', 'q', channels, own, 'P.heads + head', ' * P.scale')}
  ${rows.map((r) => `var largest${r} = -3.0e38; var total${r} = 0.0;`).join(' ')}
  for (var base = span.x; base < tileEnd; base += ${STEP}u) {
      ${tokens}
      ${share('key', 'k', channels, 'P.kvHeads + kvHead')}
      ${share('value', 'v', channels, 'P.kvHeads + kvHead')}
      ${rows
        .map(
          (r) => `
      ${steps
        .map(
          (s) => `${product(`product${r}_${s}`, 'queries', 'key', r, s, channels, own)}
      let seen${r}_${s} = base + ${s}u < rowEnd${r};
      let score${r}_${s} = select(-3.0e38, product${r}_${s}, seen${r}_${s});`,
        )
        .join('\n      ')}
      let peak${r} = max(largest${r}, max(score${r}_0, score${r}_1));
      let shrink${r} = exponential(largest${r} - peak${r});
      ${steps.map((s) => `let p${r}_${s} = select(0.0, exponential(score${r}_${s} - peak${r}), seen${r}_${s});`).join(' ')}
      largest${r} = peak${r};
      total${r} = fma(total${r}, shrink${r}, p${r}_0 + p${r}_1);
      ${add('sums', 'p', 'value', r, channels, own, ` * shrink${r}`)}`,
        )
        .join('')}
  }
  ${storeRows(channels, own, 'P.heads + head', (r) => `out[at] = sums[c * ${own}u + ${r}u] / total${r};`)}
  ${rows.map((r) => `if (row${r} < span.y) { lse[row${r} * P.heads + head] = largest${r} + log(total${r}); }`).join(' ')}
}`,
  };
}

export function attentionQuadsQueryKernel(channels: number): Kernel {
  const own = queryRows(channels);
  const rows = range(own);
  return {
    name: `attentionQuadsQuery ${channels}`,
    bindings: attentionBindings(['stats', 'dout'], ['dq']),
    params: ATTENTION_PARAMS,
    subgroups: true,
    body: `
${privates(['queries', 'gradients', 'sums'], channels, own)}
${EXPONENTIAL}
${begin(own)}
  let head = group.z;
  let kvHead = head / sharing;
  ${rowEnds(own)}
  ${rows.map((r) => statsOf(r, `place${r}`)).join('\n  ')}
  ${hold('queries', 'q', channels, own, 'P.heads + head', ' * P.scale')}
  ${hold('gradients', 'dout', channels, own, 'P.heads + head')}
  for (var base = span.x; base < tileEnd; base += ${STEP}u) {
      ${tokens}
      ${share('key', 'k', channels, 'P.kvHeads + kvHead')}
      ${share('value', 'v', channels, 'P.kvHeads + kvHead')}
      ${rows
        .map(
          (r) => `
      ${steps
        .map(
          (s) => `${product(`score${r}_${s}`, 'queries', 'key', r, s, channels, own)}
      ${product(`dp${r}_${s}`, 'gradients', 'value', r, s, channels, own)}
      let slope${r}_${s} = select(0.0, exponential(min(score${r}_${s} - norm${r}, 0.0)) * (dp${r}_${s} - delta${r}), base + ${s}u < rowEnd${r});`,
        )
        .join('\n      ')}
      ${add('sums', 'slope', 'key', r, channels, own)}`,
        )
        .join('')}
  }
  ${storeRows(channels, own, 'P.heads + head', (r) => `dq[at] = sums[c * ${own}u + ${r}u] * P.scale;`)}
}`,
  };
}

export function attentionQuadsKeyKernel(channels: number): Kernel {
  const own = keyRows(channels);
  const rows = range(own);
  return {
    name: `attentionQuadsKey ${channels}`,
    bindings: attentionBindings(['stats', 'dout'], ['dk', 'dv']),
    params: ATTENTION_PARAMS,
    subgroups: true,
    body: `
${privates(['keys', 'values', 'keySums', 'valueSums'], channels, own)}
${EXPONENTIAL}
${begin(own)}
  let kvHead = group.z;
  // The first query that sees any key of the tile, and those from which on each of this invocation's keys is seen.
  let tileBegin = select(span.x, span.z, P.causal == 1u);
  ${rows.map((r) => `let rowBegin${r} = select(span.x, row${r}, P.causal == 1u);`).join(' ')}
  ${hold('keys', 'k', channels, own, 'P.kvHeads + kvHead', ' * P.scale')}
  ${hold('values', 'v', channels, own, 'P.kvHeads + kvHead')}
  for (var head = kvHead * sharing; head < (kvHead + 1u) * sharing; head++) {
    for (var base = tileBegin; base < span.y; base += ${STEP}u) {
      ${tokens}
      ${steps.map((s) => statsOf(s, `token${s}`)).join('\n      ')}
      ${share('query', 'q', channels, 'P.heads + head')}
      ${share('gradient', 'dout', channels, 'P.heads + head')}
      ${rows
        .map(
          (r) => `
      ${steps
        .map(
          (s) => `${product(`score${r}_${s}`, 'keys', 'query', r, s, channels, own)}
      ${product(`dp${r}_${s}`, 'values', 'gradient', r, s, channels, own)}
      let p${r}_${s} = select(0.0, exponential(min(score${r}_${s} - norm${s}, 0.0)), base + ${s}u < span.y && base + ${s}u >= rowBegin${r});
      let slope${r}_${s} = p${r}_${s} * (dp${r}_${s} - delta${s});`,
        )
        .join('\n      ')}
      ${add('keySums', 'slope', 'query', r, channels, own)}
      ${add('valueSums', 'p', 'gradient', r, channels, own)}`,
        )
        .join('')}
    }
  }
  ${storeRows(
    channels,
    own,
    'P.kvHeads + kvHead',
    (r) => `dk[at] = keySums[c * ${own}u + ${r}u] * P.scale; dv[at] = valueSums[c * ${own}u + ${r}u];`,
  )}
}`,
  };
}
