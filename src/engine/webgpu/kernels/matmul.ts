/**
 * C[M,N] (= or +=) alpha · A · B (+ bias[N]), any M, N, K.
 *
 *   NT  A[M,K], B[N,K]   y = x · wᵀ            (linear, head)
 *   NN  A[M,K], B[K,N]   dx = dy · w
 *   TN  A[K,M], B[K,N]   dw = dyᵀ · x
 *
 * A workgroup makes a tile of C from shared tiles of A and B, DEPTH steps of k at a time; an invocation holds
 * 4×4 outputs. Every output adds its products in order of k whatever the tile, so a row's bits do not depend on
 * how many rows it is computed with.
 */

import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';

export type MatmulLayout = 'NT' | 'NN' | 'TN';

/** Rows and columns of C that one workgroup makes. */
export interface MatmulTile {
  readonly rows: number;
  readonly columns: number;
}

const DEPTH = 16;
const LARGE: MatmulTile = { rows: 64, columns: 64 };
const SMALL: MatmulTile = { rows: 32, columns: 32 };
/** For the few rows of a decode step. */
const FLAT: MatmulTile = { rows: 8, columns: 64 };
const FLAT_ROWS = 8;
/** Fewer large tiles than this leave most of a graphics card idle. */
const ENOUGH_TILES = 64;

export function matmulTile(M: number, N: number): MatmulTile {
  if (M <= FLAT_ROWS) return FLAT;
  const tiles = Math.ceil(M / LARGE.rows) * Math.ceil(N / LARGE.columns);
  return tiles < ENOUGH_TILES ? SMALL : LARGE;
}

/**
 * Fills a shared tile of vec4 over four neighbouring rows (or columns) of the output, at [k][output / 4].
 * `alongK`: neighbouring k lie next to each other in memory, so neighbouring invocations take neighbouring k.
 */
function loadTile(name: string, width: number, stride: number, threads: number, alongK: boolean): string {
  const vectors = width / 4;
  const k = alongK ? `i % ${DEPTH}u` : `i / ${vectors}u`;
  const o = alongK ? `i / ${DEPTH}u` : `i % ${vectors}u`;
  const limit = name === 'a' ? 'P.M' : 'P.N';
  const index = alongK ? 'o * P.K + k' : `k * ${limit} + o`;
  const step = alongK ? 'P.K' : '1u';
  return `
    for (var i = local; i < ${DEPTH * vectors}u; i += ${threads}u) {
      let k = base + ${k};
      let o = ${name}Origin + (${o}) * 4u;
      let at = ${index};
      var value = vec4f();
      if (k < P.K) {
        if (o + 3u < ${limit}) {
          value = vec4f(${name}[at], ${name}[at + ${step}], ${name}[at + 2u * ${step}], ${name}[at + 3u * ${step}]);
        } else {
          if (o < ${limit}) { value.x = ${name}[at]; }
          if (o + 1u < ${limit}) { value.y = ${name}[at + ${step}]; }
          if (o + 2u < ${limit}) { value.z = ${name}[at + 2u * ${step}]; }
        }
      }
      ${name}Tile[(${k}) * ${stride}u + ${o}] = value;
    }`;
}

const cache = new Map<string, Kernel>();

export function matmulKernel(layout: MatmulLayout, tile: MatmulTile, bias: boolean): Kernel {
  const name = `matmul ${layout} ${tile.rows}x${tile.columns}${bias ? ' bias' : ''}`;
  const cached = cache.get(name);
  if (cached) return cached;
  const kernel = makeMatmul(name, layout, tile, bias);
  cache.set(name, kernel);
  return kernel;
}

function makeMatmul(name: string, layout: MatmulLayout, tile: MatmulTile, bias: boolean): Kernel {
  const across = tile.columns / 4;
  const threads = across * (tile.rows / 4);
  // One vector of padding spreads a column of the tile over the memory banks.
  const aStride = tile.rows / 4 + 1;
  const bStride = tile.columns / 4 + 1;
  const parts = ['x', 'y', 'z', 'w'];
  return {
    name,
    bindings: [input('a'), input('b'), ...(bias ? [input('bias')] : []), output('c')],
    params: [
      ['M', 'u32'],
      ['N', 'u32'],
      ['K', 'u32'],
      ['alpha', 'f32'],
      ['accumulate', 'u32'],
    ],
    body: `
var<workgroup> aTile: array<vec4f, ${DEPTH * aStride}>;
var<workgroup> bTile: array<vec4f, ${DEPTH * bStride}>;

fn store(row: u32, column: u32, value: vec4f) {
  if (row >= P.M) { return; }
  for (var j = 0u; j < 4u; j++) {
    let n = column + j;
    if (n < P.N) {
      var result = value[j] * P.alpha${bias ? ' + bias[n]' : ''};
      if (P.accumulate == 1u) { result += c[row * P.N + n]; }
      c[row * P.N + n] = result;
    }
  }
}

@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let tilesAcross = (P.N + ${tile.columns - 1}u) / ${tile.columns}u;
  let tile = linearGroup(group, groups);
  let aOrigin = (tile / tilesAcross) * ${tile.rows}u;
  let bOrigin = (tile % tilesAcross) * ${tile.columns}u;
  if (aOrigin >= P.M) { return; }
  let x = local % ${across}u;
  let y = local / ${across}u;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var base = 0u; base < P.K; base += ${DEPTH}u) {
    ${loadTile('a', tile.rows, aStride, threads, layout !== 'TN')}
    ${loadTile('b', tile.columns, bStride, threads, layout === 'NT')}
    workgroupBarrier();
    for (var k = 0u; k < ${DEPTH}u; k++) {
      let left = aTile[k * ${aStride}u + y];
      let right = bTile[k * ${bStride}u + x];
      ${parts.map((part, j) => `sum${j} = fma(vec4f(left.${part}), right, sum${j});`).join('\n      ')}
    }
    workgroupBarrier();
  }
  let row = aOrigin + y * 4u;
  let column = bOrigin + x * 4u;
  ${parts.map((_, j) => `store(row + ${j}u, column, sum${j});`).join('\n  ')}
}`,
  };
}
