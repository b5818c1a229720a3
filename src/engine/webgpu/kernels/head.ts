/**
 * The head over vocabulary chunks; logits of a chunk come from `matmul.ts` into a bounded scratch.
 *
 *   headStats     folds a chunk of z[rows, width] into state[row] = (m, l, e, z_target):
 *                 m = max z,  l = Σ exp(z−m),  e = Σ (z−m)·exp(z−m)
 *   headResults   lse = m + log l;  logprob = z_target − lse;  entropy = log l − e/l
 *   headGradient  in place z ← dz = gLogprob·(1[v=target] − p) − gEntropy·p·(log p + entropy),  log p = z − lse
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import { forEachElement } from './elementwise.ts';
import { EXPONENTIAL } from './exponential.ts';
import { SUBGROUP_PARAMETERS, largest, reduceWorkgroup, subgroupMemory, sumOf } from './subgroups.ts';

/** Vocabulary columns of a chunk: fixed, so that a row's bits do not depend on the number of rows. */
export const HEAD_CHUNK = 4096;
/** Most rows held at once: HEAD_CHUNK · HEAD_ROWS floats are 32 MiB. A multiple of 64, so views stay aligned. */
export const HEAD_ROWS = 2048;

const THREADS = 64;

/** WGSL: folds the chunk's `peak`, `l` and `e` into the state of `row`. */
const FOLD = `
  var at = 0.0;
  if (P.firstToken > 0u) {
    let m0 = state[4u * row];
    let l0 = state[4u * row + 1u];
    let e0 = state[4u * row + 2u];
    at = state[4u * row + 3u];
    let m = max(m0, peak);
    let kept = exp(m0 - m);
    let fresh = exp(peak - m);
    e = (e0 + (m0 - m) * l0) * kept + (e + (peak - m) * l) * fresh;
    l = l0 * kept + l * fresh;
    peak = m;
  }
  let column = u32(targets[row]) - P.firstToken;
  if (column < P.width) { at = z[base + column]; }
  state[4u * row] = peak;
  state[4u * row + 1u] = l;
  state[4u * row + 2u] = e;
  state[4u * row + 3u] = at;`;

/** WGSL statements: `let peak` and `let moment` of all the workgroup, of its invocations' `own` and `ownMoment`. */
interface HeadReductions {
  readonly memory: string;
  readonly parameters: string;
  readonly peak: string;
  readonly moment: string;
}

const inMemory = (memory: string, combine: string): string => `
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { ${memory}[local] = ${combine}; }
  }
  workgroupBarrier();`;

const PLAIN: HeadReductions = {
  memory: `
var<workgroup> scratch: array<f32, ${THREADS}>;
var<workgroup> moments: array<vec2f, ${THREADS}>;`,
  parameters: '',
  peak: `
  scratch[local] = own;
  ${inMemory('scratch', 'max(scratch[local], scratch[local + half])')}
  let top = scratch[0];`,
  moment: `
  moments[local] = ownMoment;
  ${inMemory('moments', 'moments[local] + moments[local + half]')}
  let moment = moments[0];`,
};

const BY_SUBGROUPS: HeadReductions = {
  memory: `
${subgroupMemory('scratch', 'f32', THREADS)}
${subgroupMemory('moments', 'vec2f', THREADS)}`,
  parameters: SUBGROUP_PARAMETERS,
  peak: reduceWorkgroup('top', 'own', 'scratch', THREADS, largest),
  moment: reduceWorkgroup('moment', 'ownMoment', 'moments', THREADS, sumOf('vec2f')),
};

const statsKernel = (name: string, { memory, parameters, peak, moment }: HeadReductions): Kernel => ({
  name,
  bindings: [input('z'), input('targets', 'i32'), output('state')],
  params: [
    ['rows', 'u32'],
    ['width', 'u32'],
    ['firstToken', 'u32'],
  ],
  subgroups: parameters !== '',
  body: `${memory}

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,${parameters}
) {
  let row = linearGroup(group, groups);
  if (row >= P.rows) { return; }
  let base = row * P.width;
  var own = -3.0e38;
  for (var v = local; v < P.width; v += ${THREADS}u) { own = max(own, z[base + v]); }
  ${peak}
  var ownMoment = vec2f();
  for (var v = local; v < P.width; v += ${THREADS}u) {
    let d = z[base + v] - top;
    let p = exp(d);
    ownMoment += vec2f(p, d * p);
  }
  ${moment}
  if (local != 0u) { return; }
  var peak = top;
  var l = moment.x;
  var e = moment.y;
  ${FOLD}
}`,
});

export const headStatsKernel = statsKernel('headStats', PLAIN);
export const headStatsSubgroupsKernel = statsKernel('headStatsSubgroups', BY_SUBGROUPS);

/** Rows of a workgroup of `headStatsQuadsKernel`. */
export const HEAD_STATS_ROWS = THREADS / 4;

/** `headStats` with a quad a row and without barriers, for drivers that run on the CPU; needs quad operations. */
export const headStatsQuadsKernel: Kernel = {
  name: 'headStatsQuads',
  bindings: headStatsKernel.bindings,
  params: headStatsKernel.params,
  subgroups: true,
  body: `
${EXPONENTIAL}

@compute @workgroup_size(${THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = local % 4u;
  let own = linearGroup(group, groups) * ${HEAD_STATS_ROWS}u + local / 4u;
  let row = min(own, P.rows - 1u);
  let base = row * P.width;
  var peak = -3.0e38;
  for (var v = lane; v < P.width; v += 4u) { peak = max(peak, z[base + v]); }
  peak = max(peak, quadSwapX(peak));
  peak = max(peak, quadSwapY(peak));
  var moment = vec2f();
  for (var v = lane; v < P.width; v += 4u) {
    let d = z[base + v] - peak;
    let p = exponential(d);
    moment += vec2f(p, d * p);
  }
  moment += quadSwapX(moment);
  moment += quadSwapY(moment);
  if (lane != 0u || own >= P.rows) { return; }
  var l = moment.x;
  var e = moment.y;
  ${FOLD}
}`,
};

export const headResultsKernel: Kernel = {
  name: 'headResults',
  bindings: [input('state'), output('logprob'), output('entropy'), output('lse')],
  params: [['n', 'u32']],
  body: forEachElement(`
  let l = state[4u * i + 1u];
  let norm = state[4u * i] + log(l);
  lse[i] = norm;
  logprob[i] = state[4u * i + 3u] - norm;
  entropy[i] = log(l) - state[4u * i + 2u] / l;`),
};

export const headGradientKernel: Kernel = {
  name: 'headGradient',
  bindings: [
    input('targets', 'i32'),
    input('entropy'),
    input('lse'),
    input('gLogprob'),
    input('gEntropy'),
    output('z'),
  ],
  params: [
    ['n', 'u32'],
    ['width', 'u32'],
    ['firstToken', 'u32'],
  ],
  body: forEachElement(`
  let row = i / P.width;
  let logp = z[i] - lse[row];
  let p = exp(logp);
  let taken = select(0.0, 1.0, u32(targets[row]) == P.firstToken + i % P.width);
  z[i] = gLogprob[row] * (taken - p) - gEntropy[row] * p * (logp + entropy[row]);`),
};
