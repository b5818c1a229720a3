/**
 * Matrix products from shared tiles: a workgroup copies DEPTH k of its rows of A and columns of B to workgroup
 * memory, then each invocation adds them to its 4×4 outputs. For graphics cards.
 *
 * Global memory is read four numbers at a time, the tiles hold single numbers: vec4 tiles were measured to lose
 * elsewhere. An invocation's columns lie `across` apart, so that neighbours read and write neighbouring words.
 */

import {
  SUM_CHUNK,
  alongK,
  formName,
  matmulBindings,
  matmulParams,
  readerOfB,
  storeFunction,
  tileOrigin,
} from './matmul.ts';
import type { MatmulForm, MatmulKernel } from './matmul.ts';
import { weightReader } from './weights.ts';
import type { WeightReader } from './weights.ts';

const DEPTH = 16;
const FOUR = [0, 1, 2, 3] as const;
const PARTS = ['x', 'y', 'z', 'w'] as const;

interface TileLoad {
  readonly name: 'a' | 'b';
  readonly reader: WeightReader;
  /** Outputs (rows or columns) the tile spans, and words of workgroup memory between neighbouring k. */
  readonly width: number;
  readonly stride: number;
  readonly threads: number;
  readonly alongK: boolean;
  readonly vectors: boolean;
}

/** WGSL statement: fills `<name>Tile` at [k][output] with the DEPTH k from `base` on, zero outside the matrix. */
function loadTile({ name, reader, width, stride, threads, alongK: contiguousK, vectors }: TileLoad): string {
  const limit = name === 'a' ? 'P.M' : 'P.N';
  const first = name === 'a' ? 'firstRow' : 'firstColumn';
  const step = vectors ? 4 : 1;
  const perRow = (contiguousK ? DEPTH : width) / step;
  const inner = `(i % ${perRow}u) * ${step}u`;
  const outer = `i / ${perRow}u`;
  const [k, o] = contiguousK ? [inner, outer] : [outer, inner];
  const [row, column] = contiguousK ? ['first + o', 'base + k'] : ['base + k', 'first + o'];
  const shifted = name === 'a' ? `${column} + P.aShift` : column;
  const word = (q: number): string =>
    contiguousK ? `(k + ${q}u) * ${stride}u + o` : `k * ${stride}u + o + ${q}u`;
  const body = vectors
    ? `var value = vec4f();
        if (base + k < end && first + o < ${limit}) { value = ${reader.four(row, shifted)}; }
        ${FOUR.map((q) => `${name}Tile[${word(q)}] = value.${PARTS[q]};`).join(' ')}`
    : `var value = 0.0;
        if (base + k < end && first + o < ${limit}) { value = ${reader.one(row, shifted)}; }
        ${name}Tile[${word(0)}] = value;`;
  return `
      for (var i = local; i < ${(DEPTH * width) / step}u; i += ${threads}u) {
        let first = ${first};
        let k = ${k};
        let o = ${o};
        ${body}
      }`;
}

export function sharedMatmul(form: MatmulForm, rows: number, columns: number): MatmulKernel {
  const across = columns / 4;
  const threads = across * (rows / 4);
  // One word of padding spreads the rows of a tile over the memory banks.
  const aStride = rows + 1;
  const bStride = columns + 1;
  const { layout, vectors } = form;
  const readers = { a: weightReader('a', 'f32', 'P.aStride', vectors), b: readerOfB(form, vectors) };
  const kernel = {
    name: `matmul shared ${rows}x${columns} ${formName(form)}`,
    bindings: matmulBindings(form, readers.a.binding, readers.b.binding),
    params: matmulParams,
    body: `
var<workgroup> aTile: array<f32, ${DEPTH * aStride}>;
var<workgroup> bTile: array<f32, ${DEPTH * bStride}>;
${readers.b.functions}
${storeFunction(form)}

@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  ${tileOrigin(`${rows}u`, `${columns}u`)}
  let x = local % ${across}u;
  let y = local / ${across}u;
  ${FOUR.map((i) => `var total${i} = vec4f();`).join(' ')}
  for (var chunk = begin; chunk < end; chunk += ${SUM_CHUNK}u) {
    ${FOUR.map((i) => `var sum${i} = vec4f();`).join(' ')}
    for (var base = chunk; base < min(chunk + ${SUM_CHUNK}u, end); base += ${DEPTH}u) {
      ${loadTile({ name: 'a', reader: readers.a, width: rows, stride: aStride, threads, alongK: alongK(layout).a, vectors })}
      ${loadTile({ name: 'b', reader: readers.b, width: columns, stride: bStride, threads, alongK: alongK(layout).b, vectors })}
      workgroupBarrier();
      for (var k = 0u; k < ${DEPTH}u; k++) {
        let left = k * ${aStride}u + y * 4u;
        let right = k * ${bStride}u + x;
        let b = vec4f(${FOUR.map((j) => `bTile[right + ${j * across}u]`).join(', ')});
        ${FOUR.map((i) => `sum${i} = fma(vec4f(aTile[left + ${i}u]), b, sum${i});`).join('\n        ')}
      }
      workgroupBarrier();
    }
    ${FOUR.map((i) => `total${i} += sum${i};`).join(' ')}
  }
  let row = firstRow + y * 4u;
  let column = firstColumn + x;
  ${FOUR.flatMap((i) =>
    FOUR.map((j) => `store(row + ${i}u, column + ${j * across}u, group.z, total${i}.${PARTS[j]});`),
  ).join('\n  ')}
}`,
  };
  return { kernel, rows, columns };
}
