/**
 * Matrix products from registers: an invocation makes rows×columns outputs straight from global memory, without
 * workgroup memory or barriers. For drivers that run on the CPU, where both are slow, and for few rows.
 *
 * The four invocations of a quad share their rows of A. `quad` makes each read a fourth and hand it round (feature
 * "subgroups", quads.ts); without, each reads all.
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
import { QUAD_PLACE, shareQuad } from './quads.ts';
import type { WeightReader } from './weights.ts';

/** Invocations along a row and down a column of a workgroup's tile; a quad lies along a row. */
const ACROSS = 8;
const DOWN = 2;
const FOUR = [0, 1, 2, 3] as const;
const PARTS = ['x', 'y', 'z', 'w'] as const;

/** Whether four k of a column of B are one read: quantised rows are filled up to whole groups. */
const readsFours = ({ layout, stored, vectors }: MatmulForm): boolean =>
  layout === 'NT' && (vectors || stored !== 'f32');

/**
 * WGSL of four steps of k from `k` on. Loads outside the matrices are clamped to its last row or column, whose
 * outputs are not stored; beyond `end` A counts as zero, so that those products add nothing.
 */
function fourSteps(
  form: MatmulForm,
  b: WeightReader,
  rows: readonly number[],
  columns: readonly number[],
  quad: boolean,
): string {
  const { layout, vectors } = form;
  const code: string[] = [];
  const bFours = readsFours(form);
  // b<j>_<l>: column j at k + l.
  for (const j of columns) {
    if (bFours) {
      code.push(`let b${j} = ${b.four(`column${j}`, 'k')};`);
      FOUR.forEach((l) => code.push(`let b${j}_${l} = b${j}.${PARTS[l]};`));
    } else {
      FOUR.forEach((l) =>
        code.push(
          layout === 'NT'
            ? `let b${j}_${l} = ${b.one(`column${j}`, `min(k + ${l}u, last)`)};`
            : `let b${j}_${l} = ${b.one(`min(k + ${l}u, last)`, `column${j}`)};`,
        ),
      );
    }
  }
  if (layout === 'TN') {
    for (const l of FOUR) {
      const inside = `k + ${l}u < end`;
      if (quad) {
        // Invocation q of a quad reads row q of each four.
        for (let i = 0; i < rows.length; i += 4) {
          code.push(
            `let own${i}_${l} = select(0.0, a[P.aShift + min(k + ${l}u, last) * P.aStride + min(row + ${i}u + lane, P.M - 1u)], ${inside});`,
            shareQuad(`own${i}_${l}`, [`a${i}_${l}`, `a${i + 1}_${l}`, `a${i + 2}_${l}`, `a${i + 3}_${l}`]),
          );
        }
      } else {
        for (const i of rows) {
          code.push(
            `let a${i}_${l} = select(0.0, a[P.aShift + min(k + ${l}u, last) * P.aStride + row${i}], ${inside});`,
          );
        }
      }
    }
  } else {
    for (const i of rows) {
      if (quad) {
        // Invocation q of a quad reads k + q. With `vectors` K is a multiple of 4: nothing lies beyond the end.
        code.push(
          vectors
            ? `let own${i} = a[start${i} + k + lane];`
            : `let own${i} = select(0.0, a[start${i} + min(k + lane, last)], k + lane < end);`,
          shareQuad(`own${i}`, [`a${i}_0`, `a${i}_1`, `a${i}_2`, `a${i}_3`]),
        );
      } else if (vectors) {
        code.push(`let own${i} = a[(start${i} + k) / 4u];`);
        FOUR.forEach((l) => code.push(`let a${i}_${l} = own${i}.${PARTS[l]};`));
      } else {
        FOUR.forEach((l) =>
          code.push(`let a${i}_${l} = select(0.0, a[start${i} + min(k + ${l}u, last)], k + ${l}u < end);`),
        );
      }
    }
  }
  // One store of a sum for four products: a driver that runs on the CPU keeps every variable in memory.
  for (const i of rows) {
    for (const j of columns) {
      const sum = FOUR.reduce((before, l) => `fma(a${i}_${l}, b${j}_${l}, ${before})`, `sum${i}_${j}`);
      code.push(`sum${i}_${j} = ${sum};`);
    }
  }
  return code.join('\n      ');
}

export function directMatmul(form: MatmulForm, rows: number, columns: number, quad: boolean): MatmulKernel {
  const { layout, vectors } = form;
  const is = Array.from({ length: rows }, (_, i) => i);
  const js = Array.from({ length: columns }, (_, j) => j);
  const each = (make: (i: number, j: number) => string): string =>
    is.map((i) => js.map((j) => make(i, j)).join(' ')).join('\n  ');
  const aType = vectors && !quad && layout !== 'TN' ? 'vec4f' : 'f32';
  const b = readerOfB(form, readsFours(form));
  const kernel = {
    name: `matmul ${quad ? 'quad' : 'direct'} ${rows}x${columns} ${formName(form)}`,
    bindings: matmulBindings(form, input('a', aType), b.binding),
    params: matmulParams,
    ...(quad ? { subgroups: true } : {}),
    body: `
${b.functions}
${storeFunction(form)}

@compute @workgroup_size(${ACROSS * DOWN})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  ${tileOrigin(`${rows * DOWN}u`, `${columns * ACROSS}u`)}
  let lane = local % 4u;
  ${quad ? QUAD_PLACE : ''}
  let row = firstRow + (local / ${ACROSS}u) * ${rows}u;
  let column = firstColumn + local % ${ACROSS}u;
  ${is.map((i) => `let row${i} = min(row + ${i}u, P.M - 1u);`).join(' ')}
  ${layout === 'TN' ? '' : is.map((i) => `let start${i} = P.aShift + row${i} * P.aStride;`).join(' ')}
  ${js.map((j) => `let column${j} = min(column + ${j * ACROSS}u, P.N - 1u);`).join(' ')}
  let last = max(end, 1u) - 1u;
  ${each((i, j) => `var total${i}_${j} = 0.0;`)}
  for (var chunk = begin; chunk < end; chunk += ${SUM_CHUNK}u) {
    ${each((i, j) => `var sum${i}_${j} = 0.0;`)}
    for (var k = chunk; k < min(chunk + ${SUM_CHUNK}u, end); k += 4u) {
      ${fourSteps(form, b, is, js, quad)}
    }
    ${each((i, j) => `total${i}_${j} += sum${i}_${j};`)}
  }
  ${each((i, j) => `store(row + ${i}u, column + ${j * ACROSS}u, group.z, total${i}_${j});`)}
}`,
  };
  return { kernel, rows: rows * DOWN, columns: columns * ACROSS };
}
