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
import { rowSum, sumMemory } from './reduce.ts';

const THREADS = 64;
/** Lanes for rows up to so many channels. */
const LANES = [
  { lanes: 4, channels: 64 },
  { lanes: 8, channels: 128 },
  { lanes: THREADS, channels: Infinity },
] as const;

export interface RmsnormKernels {
  readonly forward: Kernel;
  readonly backward: Kernel;
  readonly rowsPerGroup: number;
}

const entry = (lanes: number): string => `
${sumMemory(THREADS)}

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

const makeKernels = (lanes: number, quads: boolean): RmsnormKernels => ({
  rowsPerGroup: THREADS / lanes,
  forward: {
    name: `rmsnorm ${lanes}${quads ? ' quads' : ''}`,
    subgroups: quads,
    bindings: [input('x'), input('w'), output('y'), output('rstd')],
    params: [
      ['T', 'u32'],
      ['D', 'u32'],
      ['eps', 'f32'],
    ],
    body: `${entry(lanes)}
  for (var d = lane; d < end; d += ${lanes}u) { let e = x[base + d]; value = fma(e, e, value); }
  ${rowSum('sum', 'value', lanes, quads)}
  let r = 1.0 / sqrt(sum / f32(P.D) + P.eps);
  if (lane == 0u && end > 0u) { rstd[row] = r; }
  for (var d = lane; d < end; d += ${lanes}u) { y[base + d] = x[base + d] * r * w[d]; }
}`,
  },
  backward: {
    name: `rmsnormBackward ${lanes}${quads ? ' quads' : ''}`,
    subgroups: quads,
    bindings: [input('dy'), input('x'), input('w'), input('rstd'), output('dx')],
    params: [
      ['T', 'u32'],
      ['D', 'u32'],
      ['accumulate', 'u32'],
    ],
    body: `${entry(lanes)}
  for (var d = lane; d < end; d += ${lanes}u) { value += dy[base + d] * w[d] * x[base + d]; }
  ${rowSum('sum', 'value', lanes, quads)}
  if (end == 0u) { return; }
  let r = rstd[row];
  let shift = sum / f32(P.D) * r * r;
  for (var d = lane; d < end; d += ${lanes}u) {
    var gradient = r * (dy[base + d] * w[d] - x[base + d] * shift);
    if (P.accumulate == 1u) { gradient += dx[base + d]; }
    dx[base + d] = gradient;
  }
}`,
  },
});

const made = new Map<string, RmsnormKernels>();

/**
 * `quads`: with quad operations; `oneQuad`: with one of them a row, whatever its width, where barriers cost more than
 * the sums they would share out.
 */
export function rmsnormKernels(D: number, quads: boolean, oneQuad: boolean): RmsnormKernels {
  const { lanes } = (oneQuad ? LANES[0] : LANES.find(({ channels }) => D <= channels)) ?? LANES[2];
  const key = `${lanes} ${quads}`;
  const kernels = made.get(key) ?? makeKernels(lanes, quads);
  made.set(key, kernels);
  return kernels;
}
