/**
 * RMSNorm (Zhang & Sennrich 2019) over rows of D channels.
 *
 *   forward   rstd[t] = 1/√(mean_d x² + ε);  y = x · rstd · w
 *   backward  dx (= or +=) rstd · (dy·w − x · rstd² · mean_d(dy·w·x)); dw by `columnSum.ts`
 *
 * `lanes` invocations share a row: few for the short rows of q/k-norm, a whole workgroup for wide ones.
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';

const THREADS = 64;
const NARROW_LANES = 8;
/** Widest row that few lanes take. */
const NARROW_CHANNELS = 128;

export interface RmsnormKernels {
  readonly forward: Kernel;
  readonly backward: Kernel;
  readonly rowsPerGroup: number;
}

/** Leaves in `sums[local − lane]` the sum of `value` over the lanes of a row. */
const rowSum = (lanes: number): string => `
  sums[local] = value;
  for (var half = ${lanes / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { sums[local] += sums[local + half]; }
  }
  workgroupBarrier();`;

const entry = (lanes: number): string => `
var<workgroup> sums: array<f32, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = local % ${lanes}u;
  let row = linearGroup(group, groups) * ${THREADS / lanes}u + local / ${lanes}u;
  let base = row * P.D;
  let end = select(0u, P.D, row < P.T);
  var value = 0.0;`;

const kernels = (lanes: number): RmsnormKernels => ({
  rowsPerGroup: THREADS / lanes,
  forward: {
    name: `rmsnorm ${lanes}`,
    bindings: [input('x'), input('w'), output('y'), output('rstd')],
    params: [
      ['T', 'u32'],
      ['D', 'u32'],
      ['eps', 'f32'],
    ],
    body: `${entry(lanes)}
  for (var d = lane; d < end; d += ${lanes}u) { let e = x[base + d]; value = fma(e, e, value); }
  ${rowSum(lanes)}
  let r = 1.0 / sqrt(sums[local - lane] / f32(P.D) + P.eps);
  if (lane == 0u && end > 0u) { rstd[row] = r; }
  for (var d = lane; d < end; d += ${lanes}u) { y[base + d] = x[base + d] * r * w[d]; }
}`,
  },
  backward: {
    name: `rmsnormBackward ${lanes}`,
    bindings: [input('dy'), input('x'), input('w'), input('rstd'), output('dx')],
    params: [
      ['T', 'u32'],
      ['D', 'u32'],
      ['accumulate', 'u32'],
    ],
    body: `${entry(lanes)}
  for (var d = lane; d < end; d += ${lanes}u) { value += dy[base + d] * w[d] * x[base + d]; }
  ${rowSum(lanes)}
  if (end == 0u) { return; }
  let r = rstd[row];
  let shift = sums[local - lane] / f32(P.D) * r * r;
  for (var d = lane; d < end; d += ${lanes}u) {
    var gradient = r * (dy[base + d] * w[d] - x[base + d] * shift);
    if (P.accumulate == 1u) { gradient += dx[base + d]; }
    dx[base + d] = gradient;
  }
}`,
  },
});

const narrow = kernels(NARROW_LANES);
const wide = kernels(THREADS);

export const rmsnormKernels = (D: number): RmsnormKernels => (D <= NARROW_CHANNELS ? narrow : wide);
