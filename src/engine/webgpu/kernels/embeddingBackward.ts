/**
 * dTable[v,:] += Σ over tokens t with ids[t] = v of dy[t,:], in token order.
 *
 * WebGPU has no float atomics, so one workgroup owns one row v: that of the table, or (`byToken`) that of a token,
 * if no earlier token has it. Its threads mark the matching tokens of a stretch of ids as bits in workgroup memory,
 * then each thread walks the set bits for its own channels.
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';

const THREADS = 64;
/** Tokens a thread marks in one word. */
const BITS = 32;

export const embeddingBackwardKernel: Kernel = {
  name: 'embeddingBackward',
  bindings: [input('ids', 'i32'), input('dy'), output('dTable')],
  params: [
    ['T', 'u32'],
    ['D', 'u32'],
    // The rows of the whole table that dTable holds.
    ['first', 'u32'],
    ['count', 'u32'],
    ['byToken', 'u32'],
  ],
  body: `
var<workgroup> marks: array<u32, ${THREADS}>;
var<workgroup> any: array<atomic<u32>, 1>;

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = linearGroup(group, groups);
  if (index >= select(P.count, P.T, P.byToken == 1u)) { return; }
  let row = select(index, u32(ids[min(index, P.T - 1u)]) - P.first, P.byToken == 1u);
  if (local == 0u) {
    // Rows outside the part of the table that is bound are another call's.
    atomicStore(&any[0], select(0u, 1u, row >= P.count));
  }
  workgroupBarrier();
  if (P.byToken == 1u) {
    for (var t = local; t < index; t += ${THREADS}u) {
      if (u32(ids[t]) - P.first == row) {
        atomicStore(&any[0], 1u);
        break;
      }
    }
    workgroupBarrier();
  }
  let taken = atomicLoad(&any[0]) == 1u;
  let begin = select(0u, index / ${THREADS * BITS}u * ${THREADS * BITS}u, P.byToken == 1u);
  for (var base = begin; base < P.T; base += ${THREADS * BITS}u) {
    var word = 0u;
    let first = base + local * ${BITS}u;
    if (!taken) {
      for (var bit = 0u; bit < ${BITS}u && first + bit < P.T; bit++) {
        word |= select(0u, 1u << bit, u32(ids[first + bit]) - P.first == row);
      }
    }
    marks[local] = word;
    workgroupBarrier();
    if (!taken) {
      let words = min(${THREADS}u, (P.T - base + ${BITS - 1}u) / ${BITS}u);
      for (var d = local; d < P.D; d += ${THREADS}u) {
        var sum = 0.0;
        var found = false;
        for (var w = 0u; w < words; w++) {
          var rest = marks[w];
          while (rest != 0u) {
            let t = base + w * ${BITS}u + firstTrailingBit(rest);
            sum += dy[t * P.D + d];
            found = true;
            rest &= rest - 1u;
          }
        }
        if (found) { dTable[row * P.D + d] += sum; }
      }
    }
    workgroupBarrier();
  }
}`,
};
