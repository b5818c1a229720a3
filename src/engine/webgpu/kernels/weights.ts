/**
 * How kernels read a matrix w[rows, cols] that may hold fewer bits: as f32, or as the words of engine/quantised.ts,
 * unpacked in registers. A weight has the same bits wherever it is unpacked.
 *
 * Halves come by `unpack2x16float`, which every adapter has: it is the conversion that "shader-f16" would do, and sums
 * stay f32 either way.
 */

import { BLOCK_WORDS, HEAD_WORDS, QUANT_GROUP, QUANT_ROWS } from '../../quantised.ts';
import type { QuantKind } from '../../quantised.ts';
import { input } from '../kernel.ts';
import type { Binding } from '../kernel.ts';

export type StoredAs = QuantKind | 'f32';

/** Columns that share a scale; a row is filled up to a whole number of such groups. */
export const GROUP_COLUMNS = QUANT_GROUP;

export interface WeightReader {
  readonly binding: Binding;
  /** WGSL declarations that the expressions need. */
  readonly functions: string;
  /** WGSL expression: the weight at `row`, `column`. Not where f32 is read four at a time. */
  readonly one: (row: string, column: string) => string;
  /** WGSL expression: vec4f of the weights from `column` on, a multiple of 4. Of f32 only where read four at a time. */
  readonly four: (row: string, column: string) => string;
}

/**
 * @param name of the binding
 * @param cols WGSL expression of the matrix's width
 * @param fours f32 only: read four numbers at a time; the width is then a multiple of 4
 */
export function weightReader(name: string, stored: StoredAs, cols: string, fours = false): WeightReader {
  if (stored === 'f32') {
    return {
      binding: input(name, fours ? 'vec4f' : 'f32'),
      functions: '',
      one: (row, column) => `${name}[(${row}) * ${cols} + ${column}]`,
      four: (row, column) => `${name}[((${row}) * ${cols} + ${column}) / 4u]`,
    };
  }
  return {
    binding: input(name, 'i32'),
    functions: unpacking(name, stored, cols),
    one: (row, column) => `weightAt(${row}, ${column})`,
    four: (row, column) => `fourAt(${row}, ${column})`,
  };
}

/**
 * WGSL: `groupAt(row, column)`, the group of a weight; `fourOf` and `eightOf(group, i)`, its weights from column i on
 * (a multiple of 4, of 8); `fourAt` and `weightAt(row, column)`.
 */
function unpacking(name: string, kind: QuantKind, cols: string): string {
  const head = (word: string): string => `bitcast<f32>(${name}[${word}])`;
  const scale = kind === 'f16' ? '1.0' : head('first');
  const min = kind === 'int4' ? head(`first + ${QUANT_ROWS}u`) : '0.0';
  const word = (weights: number): string => `${name}[group.at + i / ${weights}u * ${QUANT_ROWS}u]`;
  const halves = (at: string): string => `unpack2x16float(bitcast<u32>(${name}[${at}]))`;
  const unpack: Readonly<Record<QuantKind, string>> = {
    int4: `
fn nibbles(group: Group, word: i32) -> vec4f {
  let q = vec4f((vec4i(word) >> vec4u(0u, 4u, 8u, 12u)) & vec4i(15));
  return fma(q, vec4f(group.scale), vec4f(group.min));
}
fn fourOf(group: Group, i: u32) -> vec4f { return nibbles(group, ${word(8)} >> (i % 8u * 4u)); }
fn eightOf(group: Group, i: u32) -> mat2x4f {
  let word = ${word(8)};
  return mat2x4f(nibbles(group, word), nibbles(group, word >> 16u));
}`,
    int8: `
fn fourOf(group: Group, i: u32) -> vec4f {
  return vec4f((vec4i(${word(4)}) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u)) * group.scale;
}
fn eightOf(group: Group, i: u32) -> mat2x4f { return mat2x4f(fourOf(group, i), fourOf(group, i + 4u)); }`,
    f16: `
fn fourOf(group: Group, i: u32) -> vec4f {
  let at = group.at + i / 2u * ${QUANT_ROWS}u;
  return vec4f(${halves('at')}, ${halves(`at + ${QUANT_ROWS}u`)});
}
fn eightOf(group: Group, i: u32) -> mat2x4f { return mat2x4f(fourOf(group, i), fourOf(group, i + 4u)); }`,
  };
  return `
struct Group { at: u32, scale: f32, min: f32 }

fn groupAt(row: u32, column: u32) -> Group {
  let blocks = (${cols} + ${QUANT_GROUP - 1}u) / ${QUANT_GROUP}u;
  let first = (row / ${QUANT_ROWS}u * blocks + column / ${QUANT_GROUP}u) * ${BLOCK_WORDS[kind]}u + row % ${QUANT_ROWS}u;
  return Group(first + ${HEAD_WORDS[kind]}u, ${scale}, ${min});
}
${unpack[kind]}
fn fourAt(row: u32, column: u32) -> vec4f { return fourOf(groupAt(row, column), column % ${QUANT_GROUP}u); }
fn weightAt(row: u32, column: u32) -> f32 { return fourAt(row, column / 4u * 4u)[column % 4u]; }`;
}
