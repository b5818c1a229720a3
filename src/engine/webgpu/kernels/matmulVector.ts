/**
 * y[M,N] = x[M,K] · w[N,K]ᵀ for the few rows of a decode step, where reading w is the work: invocations share out
 * columns and chunks of k, so that many read w at once, and the chunks' sums are added in order (layout NT only).
 */

import { input } from '../kernel.ts';
import { SUM_CHUNK, formName, matmulBindings, matmulParams, storeFunction, tileOrigin } from './matmul.ts';
import type { MatmulForm, MatmulKernel } from './matmul.ts';

/** Rows and columns of a workgroup, and chunks it sums side by side. */
const ROWS = 4;
const COLUMNS = 16;
const CHUNKS = 8;
const PARTS = ['x', 'y', 'z', 'w'] as const;

export function vectorMatmul(form: MatmulForm): MatmulKernel {
  const rows = Array.from({ length: ROWS }, (_, i) => i);
  const { vectors } = form;
  const type = vectors ? 'vec4f' : 'f32';
  const steps = vectors
    ? `let w = b[(fixedColumn * P.K + k) / 4u];
        ${rows
          .map(
            (i) => `{
          let x = a[(P.aShift + row${i} * P.aStride + k) / 4u];
          ${PARTS.map((part) => `sum[${i}] = fma(x.${part}, w.${part}, sum[${i}]);`).join(' ')}
        }`,
          )
          .join('\n        ')}`
    : `let w = b[fixedColumn * P.K + k];
        ${rows.map((i) => `sum[${i}] = fma(a[P.aShift + row${i} * P.aStride + k], w, sum[${i}]);`).join('\n        ')}`;
  const kernel = {
    name: `matmul vector ${formName(form)}`,
    bindings: matmulBindings(form, input('a', type), input('b', type)),
    params: matmulParams,
    body: `
var<workgroup> sums: array<vec4f, ${COLUMNS * CHUNKS}>;
${storeFunction(form)}

@compute @workgroup_size(${COLUMNS * CHUNKS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  ${tileOrigin(`${ROWS}u`, `${COLUMNS}u`)}
  let column = firstColumn + local / ${CHUNKS}u;
  let fixedColumn = min(column, P.N - 1u);
  ${rows.map((i) => `let row${i} = min(firstRow + ${i}u, P.M - 1u);`).join(' ')}
  var total = vec4f();
  for (var base = begin; base < end; base += ${CHUNKS * SUM_CHUNK}u) {
    let chunk = base + (local % ${CHUNKS}u) * ${SUM_CHUNK}u;
    let chunkEnd = min(chunk + ${SUM_CHUNK}u, end);
    var sum = vec4f();
    for (var k = chunk; k < chunkEnd; k += ${vectors ? 4 : 1}u) {
        ${steps}
    }
    sums[local] = sum;
    workgroupBarrier();
    if (local % ${CHUNKS}u == 0u) {
      for (var i = 0u; i < ${CHUNKS}u; i++) { total += sums[local + i]; }
    }
    workgroupBarrier();
  }
  if (local % ${CHUNKS}u == 0u) {
    ${rows.map((i) => `store(firstRow + ${i}u, column, group.z, total[${i}]);`).join('\n    ')}
  }
}`,
  };
  return { kernel, rows: ROWS, columns: COLUMNS };
}
