/**
 * Matrix products for drivers that run on the CPU, such as SwiftShader, on which a load from a buffer takes as long as
 * twenty multiplications, and a constant place in a private array next to nothing.
 *
 * The four invocations of a workgroup keep a panel of B, SUM_CHUNK k of COLUMNS columns each, in private memory and
 * walk down the rows of A: a row costs SUM_CHUNK/4 loads, for 4·COLUMNS·SUM_CHUNK products. Sums of several chunks are
 * kept in C between them. Needs quad operations.
 */

import { input } from '../kernel.ts';
import { SUM_CHUNK, formName, matmulBindings, matmulParams, tileOrigin } from './matmul.ts';
import type { MatmulForm, MatmulKernel } from './matmul.ts';
import { QUAD_PLACE, shareQuad } from './quads.ts';

/** Columns of one invocation; they lie 4 apart. */
const COLUMNS = 8;
const WIDTH = 4 * COLUMNS;
/** Most rows of a workgroup; filling the panel takes as long as about 20. */
const MOST_ROWS = 256;
/** Workgroups that keep all cores busy. */
const ENOUGH_GROUPS = 8;

/** Rows of a workgroup's tile, for the parameter `tileRows`. */
export function panelRows(M: number, N: number): number {
  const across = Math.ceil(N / WIDTH);
  const down = Math.max(Math.ceil(M / MOST_ROWS), Math.ceil(ENOUGH_GROUPS / across));
  return Math.max(1, Math.ceil(M / down));
}

const columns = Array.from({ length: COLUMNS }, (_, j) => j);

/** WGSL: `sum<j>`, the sums of a row over one chunk. Without branches: of those the driver makes slow code. */
function sumRow(along: string): string {
  const offsets = Array.from({ length: SUM_CHUNK }, (_, k) => k);
  const loads = offsets
    .filter((k) => k % 4 === 0)
    .map(
      (k) => `
      let own${k} = select(0.0, a[start + (chunk + ${k}u + lane)${along}], chunk + ${k}u + lane < end);
      ${shareQuad(`own${k}`, [`a${k}`, `a${k + 1}`, `a${k + 2}`, `a${k + 3}`])}`,
    );
  // Names instead of variables: the driver keeps every variable in memory.
  const before = (j: number, k: number): string => (k === 0 ? '0.0' : `sum${j}_${k - 1}`);
  const products = offsets.map((k) =>
    columns
      .map((j) => `let sum${j}_${k} = fma(a${k}, panel[${k * COLUMNS + j}u], ${before(j, k)});`)
      .join(' '),
  );
  return `
      ${loads.join('')}
      ${products.join('\n      ')}
      ${columns.map((j) => `let sum${j} = sum${j}_${SUM_CHUNK - 1};`).join(' ')}`;
}

/** WGSL: puts `sum<j>` of a row into C, adding to what is there where P.accumulate or an earlier chunk says so. */
function keepRow({ bias, split }: MatmulForm): string {
  const at = split ? '(group.z * P.M + row) * P.N + column' : 'row * P.cStride + P.cShift + column';
  const value = (j: number): string => {
    const sum = split ? `sum${j} + old${j}` : `(sum${j} * scaleFirst + old${j}) * scaleLast`;
    return bias && !split ? `${sum} + bias${j}` : sum;
  };
  return `
      let at = ${at};
      ${columns.map((j) => `var old${j} = 0.0;`).join(' ')}
      if (adds) { ${columns.map((j) => `old${j} = c[at + column${j} - column];`).join(' ')} }
      if (firstColumn + ${WIDTH}u <= P.N) {
        ${columns.map((j) => `c[at + ${4 * j}u] = ${value(j)};`).join(' ')}
      } else {
        ${columns.map((j) => `if (column + ${4 * j}u < P.N) { c[at + ${4 * j}u] = ${value(j)}; }`).join(' ')}
      }`;
}

/** WGSL: what `keepRow` needs to know of a chunk. */
const chunkScales = ({ bias, split }: MatmulForm): string =>
  split
    ? 'let adds = chunk > begin;'
    : `let accumulate = P.accumulate == 1u;
    let adds = accumulate || chunk > begin;
    let last = chunk + ${SUM_CHUNK}u >= end;
    let scaleFirst = select(1.0, P.alpha, accumulate);
    let scaleLast = select(1.0, P.alpha, last && !accumulate);
    ${bias ? columns.map((j) => `let bias${j} = select(0.0, bias[P.cShift + column${j}], last);`).join(' ') : ''}`;

/**
 * With `accumulate`, chunk after chunk is added to C: a call whose sum has several of them and must have the bits of
 * the other kernels goes by `split`.
 */
export function panelMatmul(form: MatmulForm): MatmulKernel {
  const { layout } = form;
  const along = layout === 'TN' ? ' * P.aStride' : '';
  const kernel = {
    name: `matmul panel ${formName(form)}`,
    bindings: matmulBindings(form, input('a'), input('b')),
    params: [...matmulParams, ['tileRows', 'u32']] as const,
    subgroups: true,
    body: `
var<private> panel: array<f32, ${SUM_CHUNK * COLUMNS}>;

@compute @workgroup_size(4)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  ${tileOrigin('P.tileRows', `${WIDTH}u`)}
  ${QUAD_PLACE}
  let column = firstColumn + lane;
  ${columns.map((j) => `let column${j} = min(column + ${4 * j}u, P.N - 1u);`).join(' ')}
  for (var chunk = begin; chunk < end; chunk += ${SUM_CHUNK}u) {
    for (var i = 0u; i < ${SUM_CHUNK}u; i++) {
      let k = min(chunk + i, end - 1u);
      ${columns
        .map(
          (j) =>
            `panel[i * ${COLUMNS}u + ${j}u] = b[${layout === 'NT' ? `column${j} * P.K + k` : `k * P.N + column${j}`}];`,
        )
        .join(' ')}
    }
    ${chunkScales(form)}
    for (var row = firstRow; row < min(firstRow + P.tileRows, P.M); row++) {
      let start = P.aShift + row${layout === 'TN' ? '' : ' * P.aStride'};
      ${sumRow(along)}
      ${keepRow(form)}
    }
  }
}`,
  };
  return { kernel, rows: 'host', columns: WIDTH };
}
