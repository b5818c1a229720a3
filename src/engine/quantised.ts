/**
 * Frozen weights in fewer bits: 4 or 8 a weight with scales for groups of 32, or halves. A matrix w[O,I] lies in
 * blocks of 8 rows by 32 columns, those of 8 rows one after the other; rows and columns that fill up the last blocks
 * are zero. Words are 32 bits, little end first:
 *
 *   int4  8 scales, 8 mins (f32, one a row), then for every 8 columns a word a row: column j in bits 4j…4j+3
 *   int8  8 scales, then for every 4 columns a word a row: column j in bits 8j…8j+7, signed
 *   f16   for every 2 columns a word a row: the first in the low half
 *
 * A weight is q · scale + min (int4, q from 0 to 15), q · scale (int8) or the half itself.
 */
import { EngineError, type DeviceBuffer } from './backend.ts';
import { fromHalf, toFittingHalf } from './float16.ts';
import type { Groups } from './ggmlBlocks.ts';

export const quantKinds = ['int4', 'int8', 'f16'] as const;
export type QuantKind = (typeof quantKinds)[number];

/** w[rows, cols] on a device. */
export interface QuantisedMatrix {
  readonly kind: QuantKind;
  readonly rows: number;
  readonly cols: number;
  /** i32, `quantisedWords` of them. */
  readonly data: DeviceBuffer;
}

export const QUANT_ROWS = 8;
export const QUANT_GROUP = 32;

/** Words of a block, and those of them before the weights. */
export const BLOCK_WORDS: Readonly<Record<QuantKind, number>> = { int4: 48, int8: 72, f16: 128 };
export const HEAD_WORDS: Readonly<Record<QuantKind, number>> = { int4: 16, int8: 8, f16: 0 };
const WEIGHTS_A_WORD: Readonly<Record<QuantKind, number>> = { int4: 8, int8: 4, f16: 2 };

/** 32-bit words of a matrix [rows, cols]. */
export function quantisedWords(kind: QuantKind, rows: number, cols: number): number {
  return Math.ceil(rows / QUANT_ROWS) * Math.ceil(cols / QUANT_GROUP) * BLOCK_WORDS[kind];
}

/** Whether a matrix of these groups can be taken over as it is. */
export function fitsGroups(kind: QuantKind, groups: Groups, cols: number): boolean {
  const symmetric = groups.min.every((min) => min === 0);
  const fits = kind === 'int4' ? groups.bits === 4 : kind === 'int8' && groups.bits === 8 && symmetric;
  return fits && groups.group === QUANT_GROUP && cols % QUANT_GROUP === 0;
}

/** Words of a matrix from groups that fit (`fitsGroups`), exactly. */
export function packGroups(kind: QuantKind, groups: Groups, rows: number, cols: number): Int32Array {
  if (!fitsGroups(kind, groups, cols)) throw new EngineError(`these groups are not ${kind} groups of 32`);
  const perRow = cols / QUANT_GROUP;
  return pack(kind, rows, cols, (row, group, q) => {
    const g = row * perRow + group;
    q.set(groups.q.subarray(g * QUANT_GROUP, (g + 1) * QUANT_GROUP));
    return [groups.scale[g] ?? 0, groups.min[g] ?? 0];
  });
}

/** Words of a matrix from its values, rounded to the nearest; each group's range is its largest and smallest. */
export function packValues(
  kind: QuantKind,
  values: Float32Array,
  rows: number,
  cols: number,
  name = 'the matrix',
): Int32Array {
  return pack(kind, rows, cols, (row, group, q) => {
    const from = row * cols + group * QUANT_GROUP;
    const run = values.subarray(from, Math.min(from + QUANT_GROUP, (row + 1) * cols));
    if (kind === 'f16') {
      run.forEach((value, i) => (q[i] = toFittingHalf(value, name)));
      return [0, 0];
    }
    const [low, high] = [run.reduce((a, b) => Math.min(a, b)), run.reduce((a, b) => Math.max(a, b))];
    if (kind === 'int8') {
      const scale = Math.fround(Math.max(-low, high, 0) / 127);
      run.forEach((value, i) => (q[i] = scale === 0 ? 0 : Math.round(value / scale)));
      return [scale, 0];
    }
    const scale = Math.fround((high - low) / 15);
    const min = Math.fround(low);
    run.forEach((value, i) => {
      q[i] = scale === 0 ? 0 : Math.min(15, Math.max(0, Math.round((value - min) / scale)));
    });
    return [scale, min];
  });
}

/** Fills q (zeros) with a group's numbers and returns its scale and min. */
type GroupSource = (row: number, group: number, q: Int32Array) => readonly [scale: number, min: number];

function pack(kind: QuantKind, rows: number, cols: number, source: GroupSource): Int32Array {
  const words = new Int32Array(quantisedWords(kind, rows, cols));
  const floats = new Float32Array(words.buffer);
  const groups = Math.ceil(cols / QUANT_GROUP);
  const perWord = WEIGHTS_A_WORD[kind];
  const bits = 32 / perWord;
  const mask = 2 ** bits - 1;
  const q = new Int32Array(QUANT_GROUP);
  for (let row = 0; row < rows; row++) {
    for (let group = 0; group < groups; group++) {
      q.fill(0);
      const [scale, min] = source(row, group, q);
      const block = blockAt(kind, row, group, groups);
      const lane = row % QUANT_ROWS;
      if (kind !== 'f16') floats[block + lane] = scale;
      if (kind === 'int4') floats[block + QUANT_ROWS + lane] = min;
      const first = block + HEAD_WORDS[kind] + lane;
      for (let i = 0; i < QUANT_GROUP; i++) {
        const at = first + Math.floor(i / perWord) * QUANT_ROWS;
        words[at] = (words[at] ?? 0) | (((q[i] ?? 0) & mask) << ((i % perWord) * bits));
      }
    }
  }
  return words;
}

function blockAt(kind: QuantKind, row: number, group: number, groups: number): number {
  return (Math.floor(row / QUANT_ROWS) * groups + group) * BLOCK_WORDS[kind];
}

/** The matrix [rows, cols] that the words stand for: what every product with them must equal. */
export function unpackWords(kind: QuantKind, words: Int32Array, rows: number, cols: number): Float32Array {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  const groups = Math.ceil(cols / QUANT_GROUP);
  const perWord = WEIGHTS_A_WORD[kind];
  const values = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    const lane = row % QUANT_ROWS;
    for (let col = 0; col < cols; col++) {
      const block = blockAt(kind, row, Math.floor(col / QUANT_GROUP), groups);
      const within = col % QUANT_GROUP;
      const at = block + HEAD_WORDS[kind] + Math.floor(within / perWord) * QUANT_ROWS + lane;
      const word = words[at] ?? 0;
      const part = within % perWord;
      const scale = floats[block + lane] ?? 0;
      let value: number;
      if (kind === 'int4') {
        value = ((word >>> (4 * part)) & 15) * scale + (floats[block + QUANT_ROWS + lane] ?? 0);
      } else if (kind === 'int8') value = ((word << (24 - 8 * part)) >> 24) * scale;
      else value = fromHalf((word >>> (16 * part)) & 0xffff);
      values[row * cols + col] = value;
    }
  }
  return values;
}
