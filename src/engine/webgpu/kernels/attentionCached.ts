/**
 * Attention of single rows over a KV cache.
 *
 *   out[n,h] = Σ_{j ≤ positions[n]} softmax_j(q[n,h] · key[slots[n], j] / √C) · value[slots[n], j]
 *
 * A workgroup makes one head of one row. Each invocation scores one key of a run of THREADS keys; then the
 * invocations share out channels (and, for narrow heads, keys) to add up the values.
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import { entryPoint } from './attentionTiles.ts';
import { SUBGROUP_PARAMETERS, largest, reduceWorkgroup, subgroupMemory, sumOf } from './subgroups.ts';
import type { Reduction } from './subgroups.ts';

const THREADS = 64;

/** WGSL statements: `let <name>` becomes the combination of `value` over the workgroup. */
function reduce(name: string, value: string, reduction: Reduction, subgroups: boolean): string {
  if (subgroups) return reduceWorkgroup(name, value, 'parts', THREADS, reduction);
  return `
    scratch[local] = ${value};
    for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
      workgroupBarrier();
      if (local < half) { scratch[local] = ${reduction.combine('scratch[local]', 'scratch[local + half]')}; }
    }
    workgroupBarrier();
    let ${name} = scratch[0];`;
}

export const ATTENTION_CACHED_PARAMS: Kernel['params'] = [
  ['N', 'u32'],
  ['heads', 'u32'],
  ['kvHeads', 'u32'],
  ['capacity', 'u32'],
  ['scale', 'f32'],
];

/** `subgroups`: reductions go by subgroups. */
export function attentionCachedKernel(channels: number, subgroups: boolean): Kernel {
  // Invocations on a channel, and channels of an invocation: one of them is 1.
  const splits = Math.max(1, Math.floor(THREADS / channels));
  const spread = Math.min(channels, THREADS);
  const held = Array.from({ length: Math.ceil(channels / THREADS) }, (_, i) => i);
  const guard = (i: number, statement: string): string =>
    (i + 1) * THREADS > channels && i > 0
      ? `if (channel + ${i * THREADS}u < ${channels}u) { ${statement} }`
      : statement;
  return {
    name: `attentionCached ${channels}${subgroups ? ' subgroups' : ''}`,
    bindings: [
      input('q'),
      input('keyCache'),
      input('valueCache'),
      input('slots', 'i32'),
      input('positions', 'i32'),
      output('out'),
    ],
    params: ATTENTION_CACHED_PARAMS,
    subgroups,
    body: `
var<workgroup> query: array<f32, ${channels}>;
var<workgroup> weights: array<f32, ${THREADS}>;
var<workgroup> scratch: array<f32, ${THREADS}>;
var<workgroup> place: vec2u;
${subgroups ? subgroupMemory('parts', 'f32', THREADS) : ''}
${entryPoint(THREADS, subgroups ? SUBGROUP_PARAMETERS : '')}
  let n = linearGroup(group, groups);
  if (n >= P.N) { return; }
  if (local == 0u) { place = vec2u(u32(slots[n]), u32(positions[n]) + 1u); }
  let found = workgroupUniformLoad(&place);
  let length = found.y;
  let head = group.z;
  let stride = P.kvHeads * ${channels}u;
  let origin = found.x * P.capacity * stride + head / (P.heads / P.kvHeads) * ${channels}u;
  let at = (n * P.heads + head) * ${channels}u;
  for (var c = local; c < ${channels}u; c += ${THREADS}u) { query[c] = q[at + c] * P.scale; }
  let channel = local % ${spread}u;
  let split = local / ${spread}u;
  ${held.map((i) => `var sum${i} = 0.0;`).join(' ')}
  var largest = 0.0;
  var total = 0.0;
  for (var base = 0u; base < length; base += ${THREADS}u) {
    let count = min(length - base, ${THREADS}u);
    workgroupBarrier();
    var score = -3.0e38;
    if (local < count) {
      score = 0.0;
      let row = origin + (base + local) * stride;
      for (var c = 0u; c < ${channels}u; c++) { score = fma(query[c], keyCache[row + c], score); }
    }
    ${reduce('top', 'score', largest, subgroups)}
    let peak = select(max(largest, top), top, base == 0u);
    let shrink = select(exp(largest - peak), 0.0, base == 0u);
    largest = peak;
    let p = select(0.0, exp(score - peak), local < count);
    weights[local] = p;
    total = total * shrink + p;
    workgroupBarrier();
    ${held.map((i) => `sum${i} *= shrink;`).join(' ')}
    if (split < ${splits}u) {
      for (var j = split; j < count; j += ${splits}u) {
        let row = origin + (base + j) * stride + channel;
        ${held.map((i) => guard(i, `sum${i} = fma(weights[j], valueCache[row + ${i * THREADS}u], sum${i});`)).join('\n        ')}
      }
    }
  }
  workgroupBarrier();
  ${reduce('sum', 'total', sumOf('f32'), subgroups)}
  ${
    splits > 1
      ? `workgroupBarrier();
  scratch[local] = sum0;
  workgroupBarrier();
  if (split > 0u) { return; }
  for (var other = 1u; other < ${splits}u; other++) { sum0 += scratch[other * ${spread}u + local]; }`
      : `if (split > 0u) { return; }`
  }
  ${held.map((i) => guard(i, `out[at + channel + ${i * THREADS}u] = sum${i} / sum;`)).join('\n  ')}
}`,
  };
}
