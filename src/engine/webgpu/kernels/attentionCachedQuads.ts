/**
 * `attentionCached` for drivers that run on the CPU (see matmulPanel.ts): a quad makes one head of one row, without
 * workgroup memory and barriers. Invocation i takes the keys i, i + 4, …, with a maximum and sums of its own, which the
 * quad joins at the end. Needs quad operations, and heads as `attentionQuadsFit` says.
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import { ATTENTION_CACHED_PARAMS } from './attentionCached.ts';
import { EXPONENTIAL } from './exponential.ts';

export function attentionCachedQuadsKernel(channels: number): Kernel {
  const cs = Array.from({ length: channels }, (_, c) => c);
  return {
    name: `attentionCachedQuads ${channels}`,
    bindings: [
      input('q'),
      input('keyCache'),
      input('valueCache'),
      input('slots', 'i32'),
      input('positions', 'i32'),
      output('out'),
    ],
    params: ATTENTION_CACHED_PARAMS,
    subgroups: true,
    body: `
var<private> query: array<f32, ${channels}>;
var<private> sums: array<f32, ${channels}>;
${EXPONENTIAL}

@compute @workgroup_size(4)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = linearGroup(group, groups);
  if (n >= P.N) { return; }
  let length = u32(positions[n]) + 1u;
  let head = group.z;
  let stride = P.kvHeads * ${channels}u;
  let origin = u32(slots[n]) * P.capacity * stride + head / (P.heads / P.kvHeads) * ${channels}u;
  let at = (n * P.heads + head) * ${channels}u;
  for (var c = 0u; c < ${channels}u; c++) { query[c] = q[at + c] * P.scale; }
  var largest = -3.0e38;
  var total = 0.0;
  for (var j = lane; j < length; j += 4u) {
    let row = origin + j * stride;
    ${cs.map((c) => `let score${c} = fma(query[${c}], keyCache[row + ${c}u], ${c === 0 ? '0.0' : `score${c - 1}`});`).join('\n    ')}
    let peak = max(largest, score${channels - 1});
    let shrink = exponential(largest - peak);
    let p = exponential(score${channels - 1} - peak);
    largest = peak;
    total = fma(total, shrink, p);
    ${cs.map((c) => `sums[${c}] = fma(p, valueCache[row + ${c}u], sums[${c}] * shrink);`).join('\n    ')}
  }
  var peak = max(largest, quadSwapX(largest));
  peak = max(peak, quadSwapY(peak));
  // Without a key of its own an invocation has sums of 0.
  let factor = exponential(largest - peak);
  total *= factor;
  total += quadSwapX(total);
  total += quadSwapY(total);
  for (var c = 0u; c < ${channels}u; c++) {
    let own = sums[c] * factor;
    let two = own + quadSwapX(own);
    let all = two + quadSwapY(two);
    if (c % 4u == lane) { out[at + c] = all / total; }
  }
}`,
  };
}
