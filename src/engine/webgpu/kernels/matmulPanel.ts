/**
 * Matrix products for drivers that run on the CPU, such as SwiftShader, on which a load from a buffer takes as long as
 * twenty multiplications, and a constant place in a private array next to nothing.
 *
 * The four invocations of a workgroup keep a panel of B, SUM_CHUNK k of COLUMNS columns each, in private memory and
 * walk down the rows of A: a row costs SUM_CHUNK/4 loads, for 4·COLUMNS·SUM_CHUNK products. Sums of several chunks are
 * kept in C between them. Needs quad operations.
 */

import { input } from '../kernel.ts';
import { SUM_CHUNK, formName, matmulBindings, matmulParams, readerOfB, tileOrigin } from './matmul.ts';
import type { MatmulForm, MatmulKernel } from './matmul.ts';
import { QUAD_PLACE, shareQuad } from './quads.ts';
import { GROUP_COLUMNS } from './weights.ts';

/** Columns of one invocation: those of a quad take turns, or lie side by side where B is quantised. */
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

/** From one column of an invocation to the next. */
const apart = ({ stored }: MatmulForm): number => (stored === 'f32' ? 4 : 1);

/**
 * WGSL: fills the panel with the chunk's k. Places outside B repeat its last row or column, where every number is of B;
 * beyond the last k A counts as zero.
 */
function fillPanel(form: MatmulForm): string {
  const { layout, stored } = form;
  const reader = readerOfB(form, false);
  if (stored === 'f32') {
    return `for (var i = 0u; i < ${SUM_CHUNK}u; i++) {
      let k = min(chunk + i, end - 1u);
      ${columns
        .map((j) => {
          const at = layout === 'NT' ? reader.one(`column${j}`, 'k') : reader.one('k', `column${j}`);
          return `panel[i * ${COLUMNS}u + ${j}u] = ${at};`;
        })
        .join(' ')}
    }`;
  }
  if (layout === 'NN') {
    return `for (var i = 0u; i < ${SUM_CHUNK}u; i++) {
      let eight = eightOf(groupAt(min(chunk + i, end - 1u), firstColumn), lane * ${COLUMNS}u);
      ${columns.map((j) => `panel[i * ${COLUMNS}u + ${j}u] = eight[${Math.floor(j / 4)}][${j % 4}];`).join(' ')}
    }`;
  }
  const eight = Array.from({ length: 8 }, (_, l) => l);
  return `for (var first = chunk; first < min(chunk + ${SUM_CHUNK}u, end); first += ${GROUP_COLUMNS}u) {
      for (var j = 0u; j < ${COLUMNS}u; j++) {
        let weights = groupAt(min(column + j, P.N - 1u), first);
        for (var i = 0u; i < ${GROUP_COLUMNS}u; i += 8u) {
          let eight = eightOf(weights, i);
          let at = (first - chunk + i) * ${COLUMNS}u + j;
          ${eight.map((l) => `panel[at + ${l * COLUMNS}u] = eight[${Math.floor(l / 4)}][${l % 4}];`).join(' ')}
        }
      }
    }`;
}

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
function keepRow(form: MatmulForm): string {
  const { bias, split } = form;
  const step = apart(form);
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
        ${columns.map((j) => `c[at + ${step * j}u] = ${value(j)};`).join(' ')}
      } else {
        ${columns.map((j) => `if (column + ${step * j}u < P.N) { c[at + ${step * j}u] = ${value(j)}; }`).join(' ')}
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
  const step = apart(form);
  const reader = readerOfB(form, false);
  const along = layout === 'TN' ? ' * P.aStride' : '';
  const kernel = {
    name: `matmul panel ${formName(form)}`,
    bindings: matmulBindings(form, input('a'), reader.binding),
    params: [...matmulParams, ['tileRows', 'u32']] as const,
    subgroups: true,
    body: `
var<private> panel: array<f32, ${SUM_CHUNK * COLUMNS}>;
${reader.functions}

@compute @workgroup_size(4)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  ${tileOrigin('P.tileRows', `${WIDTH}u`)}
  ${QUAD_PLACE}
  let column = firstColumn + lane * ${step === 1 ? COLUMNS : 1}u;
  ${columns.map((j) => `let column${j} = min(column + ${step * j}u, P.N - 1u);`).join(' ')}
  for (var chunk = begin; chunk < end; chunk += ${SUM_CHUNK}u) {
    ${fillPanel(form)}
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
