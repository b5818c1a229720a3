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
import type { Exchange } from './reduce.ts';
import { SUBGROUP_PARAMETERS } from './subgroups.ts';

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

const entry = (lanes: number, exchange: Exchange): string => `
${sumMemory(THREADS)}

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,${exchange === 'subgroups' ? SUBGROUP_PARAMETERS : ''}
) {
  let lane = local % ${lanes}u;
  let row = linearGroup(group, groups) * ${THREADS / lanes}u + local / ${lanes}u;
  let base = row * P.D;
  let end = select(0u, P.D, row < P.T);
  var value = 0.0;`;

const makeKernels = (lanes: number, exchange: Exchange): RmsnormKernels => ({
  rowsPerGroup: THREADS / lanes,
  forward: {
    name: `rmsnorm ${lanes} ${exchange}`,
    subgroups: exchange !== 'memory',
    bindings: [input('x'), input('w'), output('y'), output('rstd')],
    params: [
      ['T', 'u32'],
      ['D', 'u32'],
      ['eps', 'f32'],
    ],
    body: `${entry(lanes, exchange)}
  for (var d = lane; d < end; d += ${lanes}u) { let e = x[base + d]; value = fma(e, e, value); }
  ${rowSum('sum', 'value', lanes, exchange)}
  let r = 1.0 / sqrt(sum / f32(P.D) + P.eps);
  if (lane == 0u && end > 0u) { rstd[row] = r; }
  for (var d = lane; d < end; d += ${lanes}u) { y[base + d] = x[base + d] * r * w[d]; }
}`,
  },
  backward: {
    name: `rmsnormBackward ${lanes} ${exchange}`,
    subgroups: exchange !== 'memory',
    bindings: [input('dy'), input('x'), input('w'), input('rstd'), output('dx')],
    params: [
      ['T', 'u32'],
      ['D', 'u32'],
      ['accumulate', 'u32'],
    ],
    body: `${entry(lanes, exchange)}
  for (var d = lane; d < end; d += ${lanes}u) { value += dy[base + d] * w[d] * x[base + d]; }
  ${rowSum('sum', 'value', lanes, exchange)}
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
 * the sums they would share out; `subgroups`: for rows of a whole workgroup.
 */
export function rmsnormKernels(
  D: number,
  quads: boolean,
  oneQuad: boolean,
  subgroups: boolean,
): RmsnormKernels {
  const { lanes } = (oneQuad ? LANES[0] : LANES.find(({ channels }) => D <= channels)) ?? LANES[2];
  const exchange = subgroups && lanes === THREADS ? 'subgroups' : quads ? 'quads' : 'memory';
  const key = `${lanes} ${exchange}`;
  const kernels = made.get(key) ?? makeKernels(lanes, exchange);
  made.set(key, kernels);
  return kernels;
}
