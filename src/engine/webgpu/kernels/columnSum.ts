/**
 * Sums over the rows of a matrix, in two stages that always add in the same order.
 *
 *   columnPartials     partials[c,d] = Σ over row chunk c of dy[t,d]
 *   rmsnormPartials    partials[c,d] = Σ over row chunk c of dy[t,d] · x[t,d] · rstd[t]
 *   addColumnPartials  out[d] += Σ_c partials[c,d]
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import { forEachElement } from './elementwise.ts';

/** Rows of one chunk. */
export const COLUMN_SUM_ROWS = 256;
/** Columns of one workgroup. */
export const COLUMN_SUM_COLUMNS = 32;
/** Invocations that share a column; each sums every LANES-th row of the chunk. */
const LANES = 8;

const chunkSums = (name: string, bindings: Kernel['bindings'], term: string): Kernel => ({
  name,
  bindings,
  params: [
    ['T', 'u32'],
    ['D', 'u32'],
  ],
  body: `
var<workgroup> sums: array<f32, ${COLUMN_SUM_COLUMNS * LANES}>;

@compute @workgroup_size(${COLUMN_SUM_COLUMNS * LANES})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let tiles = (P.D + ${COLUMN_SUM_COLUMNS - 1}u) / ${COLUMN_SUM_COLUMNS}u;
  let tile = linearGroup(group, groups);
  let chunk = tile / tiles;
  let d = (tile % tiles) * ${COLUMN_SUM_COLUMNS}u + local % ${COLUMN_SUM_COLUMNS}u;
  let begin = chunk * ${COLUMN_SUM_ROWS}u;
  let end = min(begin + ${COLUMN_SUM_ROWS}u, P.T);
  var sum = 0.0;
  if (d < P.D) {
    for (var t = begin + local / ${COLUMN_SUM_COLUMNS}u; t < end; t += ${LANES}u) {
      let i = t * P.D + d;
      sum += ${term};
    }
  }
  sums[local] = sum;
  workgroupBarrier();
  if (local < ${COLUMN_SUM_COLUMNS}u && d < P.D && begin < P.T) {
    var total = 0.0;
    for (var lane = 0u; lane < ${LANES}u; lane++) {
      total += sums[lane * ${COLUMN_SUM_COLUMNS}u + local];
    }
    partials[chunk * P.D + d] = total;
  }
}`,
});

export const columnPartialsKernel = chunkSums('columnPartials', [input('dy'), output('partials')], 'dy[i]');

export const rmsnormPartialsKernel = chunkSums(
  'rmsnormPartials',
  [input('dy'), input('x'), input('rstd'), output('partials')],
  'dy[i] * x[i] * rstd[t]',
);

export const addColumnPartialsKernel: Kernel = {
  name: 'addColumnPartials',
  bindings: [input('partials'), output('total')],
  params: [
    ['n', 'u32'],
    ['chunks', 'u32'],
  ],
  body: forEachElement(`
  var sum = 0.0;
  for (var c = 0u; c < P.chunks; c++) { sum += partials[c * P.n + i]; }
  total[i] += sum;`),
};
