/**
 * y[M,N] = x[M,K] · w[N,K]ᵀ for the few rows of a decode step, where reading w is the work: invocations share out
 * columns and chunks of k, so that many read w at once, and the chunks' sums are added in order (layout NT only).
 */

import { input } from '../kernel.ts';
import {
  SUM_CHUNK,
  formName,
  matmulBindings,
  matmulParams,
  readerOfB,
  storeFunction,
  tileOrigin,
} from './matmul.ts';
import type { MatmulForm, MatmulKernel } from './matmul.ts';
import { GROUP_COLUMNS } from './weights.ts';

/** Columns of a workgroup, and chunks it sums side by side. */
const COLUMNS = 16;
const CHUNKS = 8;
const PARTS = ['x', 'y', 'z', 'w'] as const;

/** WGSL: adds the products of one chunk, k from `chunk` to `chunkEnd`, to `sum<i>`. */
function sumChunk(
  { stored, vectors }: MatmulForm,
  rows: readonly number[],
  four: string,
  one: string,
): string {
  const add = (i: number, x: string, w: string): string =>
    PARTS.map((part) => `sum${i} = fma(${x}.${part}, ${w}.${part}, sum${i});`).join(' ');
  if (stored === 'f32') {
    return vectors
      ? `for (var k = chunk; k < chunkEnd; k += 4u) {
        let w = ${four};
        ${rows.map((i) => `{ let x = a[(start${i} + k) / 4u]; ${add(i, 'x', 'w')} }`).join('\n        ')}
      }`
      : `for (var k = chunk; k < chunkEnd; k++) {
        let w = ${one};
        ${rows.map((i) => `sum${i} = fma(a[start${i} + k], w, sum${i});`).join('\n        ')}
      }`;
  }
  // Beyond the last column x counts as zero, whatever fills up the group.
  const x = (i: number, shift: number): string =>
    vectors
      ? `select(vec4f(), a[(start${i} + k) / 4u + ${shift / 4}u], k + ${shift}u < chunkEnd)`
      : `vec4f(${PARTS.map((_, l) => `select(0.0, a[start${i} + k + ${shift + l}u], k + ${shift + l}u < chunkEnd)`).join(', ')})`;
  return `for (var first = chunk; first < chunkEnd; first += ${GROUP_COLUMNS}u) {
      let group = groupAt(fixedColumn, first);
      for (var k = first; k < min(first + ${GROUP_COLUMNS}u, chunkEnd); k += 8u) {
        let w = eightOf(group, k - first);
        let low = w[0];
        let high = w[1];
        ${rows.map((i) => `{ let x = ${x(i, 0)}; ${add(i, 'x', 'low')} }`).join('\n        ')}
        ${rows.map((i) => `{ let x = ${x(i, 4)}; ${add(i, 'x', 'high')} }`).join('\n        ')}
      }
    }`;
}

/** `height` rows of C in a workgroup. */
export function vectorMatmul(form: MatmulForm, height: 1 | 4): MatmulKernel {
  const rows = Array.from({ length: height }, (_, i) => i);
  const { stored, vectors } = form;
  const reader = readerOfB(form, vectors);
  // Words of neighbouring columns of w lie side by side where it is quantised, numbers of neighbouring k where it is not.
  const [column, part] =
    stored === 'f32'
      ? [`local / ${CHUNKS}u`, `local % ${CHUNKS}u`]
      : [`local % ${COLUMNS}u`, `local / ${COLUMNS}u`];
  const [lead, stride] =
    stored === 'f32' ? [`local * ${height}u`, height] : [`local * ${height}u`, COLUMNS * height];
  const kernel = {
    name: `matmul vector ${height} ${formName(form)}`,
    bindings: matmulBindings(form, input('a', vectors ? 'vec4f' : 'f32'), reader.binding),
    params: matmulParams,
    body: `
var<workgroup> sums: array<f32, ${COLUMNS * CHUNKS * height}>;
${reader.functions}
${storeFunction(form)}

@compute @workgroup_size(${COLUMNS * CHUNKS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  ${tileOrigin(`${height}u`, `${COLUMNS}u`)}
  let column = firstColumn + ${column};
  let part = ${part};
  let fixedColumn = min(column, P.N - 1u);
  ${rows.map((i) => `let start${i} = P.aShift + min(firstRow + ${i}u, P.M - 1u) * P.aStride;`).join(' ')}
  ${rows.map((i) => `var total${i} = 0.0;`).join(' ')}
  for (var base = begin; base < end; base += ${CHUNKS * SUM_CHUNK}u) {
    let chunk = base + part * ${SUM_CHUNK}u;
    let chunkEnd = min(chunk + ${SUM_CHUNK}u, end);
    ${rows.map((i) => `var sum${i} = 0.0;`).join(' ')}
    ${sumChunk(form, rows, reader.four('fixedColumn', 'k'), reader.one('fixedColumn', 'k'))}
    ${rows.map((i) => `sums[${lead} + ${i}u] = sum${i};`).join(' ')}
    workgroupBarrier();
    if (part == 0u) {
      for (var i = 0u; i < ${CHUNKS}u; i++) {
        ${rows.map((i) => `total${i} += sums[${lead} + i * ${stride}u + ${i}u];`).join(' ')}
      }
    }
    workgroupBarrier();
  }
  if (part == 0u) {
    ${rows.map((i) => `store(firstRow + ${i}u, column, group.z, total${i});`).join('\n    ')}
  }
}`,
  };
  return { kernel, rows: height, columns: COLUMNS };
}
