/**
 * ggml's number types (ggml-common.h, ggml-quants.c): blocks of weights with shared scales. Every quantised type here
 * is w = scale · q + min over groups of 16 or 32 neighbours, q a small whole number; `Groups` is that view of it.
 */
import { EngineError } from './backend.ts';
import { fromBrain, fromHalf } from './float16.ts';

/** A run of weights as scale · q + min: one scale and one min a group. */
export interface Groups {
  readonly group: 16 | 32;
  /** Bits that hold every q: 4 (0…15), or 8 (−128…127). */
  readonly bits: 4 | 8;
  /** One a weight. */
  readonly q: Int8Array;
  /** One a group. */
  readonly scale: Float32Array;
  readonly min: Float32Array;
}

interface Quantised {
  readonly name: string;
  /** Weights and bytes of a block. */
  readonly block: number;
  readonly bytes: number;
  readonly group: 16 | 32;
  readonly bits: 4 | 8;
  /** Writes the block at `at`, whose first weight is number `w` and first group number `g`. */
  readonly unpack: (source: DataView, at: number, out: Groups, w: number, g: number) => void;
}

interface Plain {
  readonly name: string;
  readonly block: 1;
  readonly bytes: 2 | 4;
  readonly value: (source: DataView, at: number) => number;
}

const half = (source: DataView, at: number): number => fromHalf(source.getUint16(at, true));

/** 16 bytes of 32 four-bit numbers: low halves first, then high halves. */
function nibbles(source: DataView, at: number, q: Int8Array, w: number): void {
  for (let i = 0; i < 16; i++) {
    const byte = source.getUint8(at + i);
    q[w + i] = byte & 15;
    q[w + 16 + i] = byte >> 4;
  }
}

/** The 6-bit scale and min number j of a Q4_K block, out of its 12 bytes. */
function scaleAndMin(source: DataView, at: number, j: number): readonly [number, number] {
  const byte = (i: number): number => source.getUint8(at + i);
  if (j < 4) return [byte(j) & 63, byte(j + 4) & 63];
  return [(byte(j + 4) & 15) | ((byte(j - 4) >> 6) << 4), (byte(j + 4) >> 4) | ((byte(j) >> 6) << 4)];
}

const TYPES: ReadonlyMap<number, Plain | Quantised> = new Map<number, Plain | Quantised>([
  [0, { name: 'F32', block: 1, bytes: 4, value: (source, at) => source.getFloat32(at, true) }],
  [1, { name: 'F16', block: 1, bytes: 2, value: half }],
  [30, { name: 'BF16', block: 1, bytes: 2, value: (source, at) => fromBrain(source.getUint16(at, true)) }],
  [
    2,
    {
      name: 'Q4_0',
      block: 32,
      bytes: 18,
      group: 32,
      bits: 4,
      unpack(source, at, out, w, g) {
        const d = half(source, at);
        out.scale[g] = d;
        out.min[g] = -8 * d;
        nibbles(source, at + 2, out.q, w);
      },
    },
  ],
  [
    3,
    {
      name: 'Q4_1',
      block: 32,
      bytes: 20,
      group: 32,
      bits: 4,
      unpack(source, at, out, w, g) {
        out.scale[g] = half(source, at);
        out.min[g] = half(source, at + 2);
        nibbles(source, at + 4, out.q, w);
      },
    },
  ],
  [
    8,
    {
      name: 'Q8_0',
      block: 32,
      bytes: 34,
      group: 32,
      bits: 8,
      unpack(source, at, out, w, g) {
        out.scale[g] = half(source, at);
        out.min[g] = 0;
        for (let i = 0; i < 32; i++) out.q[w + i] = source.getInt8(at + 2 + i);
      },
    },
  ],
  [
    12,
    {
      name: 'Q4_K',
      block: 256,
      bytes: 144,
      group: 32,
      bits: 4,
      unpack(source, at, out, w, g) {
        const [d, dMin] = [half(source, at), half(source, at + 2)];
        for (let j = 0; j < 8; j++) {
          const [scale, min] = scaleAndMin(source, at + 4, j);
          out.scale[g + j] = d * scale;
          out.min[g + j] = -dMin * min;
        }
        // 32 bytes hold two groups: the low halves one, the high halves the next.
        for (let i = 0; i < 128; i++) {
          const byte = source.getUint8(at + 16 + i);
          const first = w + (i >> 5) * 64 + (i & 31);
          out.q[first] = byte & 15;
          out.q[first + 32] = byte >> 4;
        }
      },
    },
  ],
  [
    14,
    {
      name: 'Q6_K',
      block: 256,
      bytes: 210,
      group: 16,
      bits: 8,
      unpack(source, at, out, w, g) {
        const d = half(source, at + 208);
        for (let j = 0; j < 16; j++) {
          out.scale[g + j] = d * source.getInt8(at + 192 + j);
          out.min[g + j] = 0;
        }
        for (let i = 0; i < 64; i++) {
          const [part, l] = [i >> 5, i & 31];
          const high = source.getUint8(at + 128 + i);
          const low = at + part * 64 + l;
          const first = w + part * 128 + l;
          const [a, b] = [source.getUint8(low), source.getUint8(low + 32)];
          out.q[first] = ((a & 15) | ((high & 3) << 4)) - 32;
          out.q[first + 32] = ((b & 15) | (((high >> 2) & 3) << 4)) - 32;
          out.q[first + 64] = ((a >> 4) | (((high >> 4) & 3) << 4)) - 32;
          out.q[first + 96] = ((b >> 4) | ((high >> 6) << 4)) - 32;
        }
      },
    },
  ],
]);

export const GGML_TYPE_NAMES: readonly string[] = [...TYPES.values()].map(({ name }) => name);

/** ggml's type number → its name, weights a block and bytes a block; undefined where it is not read here. */
export function ggmlType(
  type: number,
): { readonly name: string; readonly block: number; readonly bytes: number } | undefined {
  return TYPES.get(type);
}

/** Quantised numbers as groups, or null of a type that is not quantised. `bytes` are whole blocks. */
export function ggmlGroups(type: number, bytes: Uint8Array): Groups | null {
  const format = typeOf(type);
  if (!('unpack' in format)) return null;
  const blocks = bytes.length / format.bytes;
  const weights = blocks * format.block;
  const { group, bits } = format;
  const out: Groups = {
    group,
    bits,
    q: new Int8Array(weights),
    scale: new Float32Array(weights / group),
    min: new Float32Array(weights / group),
  };
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let b = 0; b < blocks; b++) {
    format.unpack(source, b * format.bytes, out, b * format.block, (b * format.block) / group);
  }
  return out;
}

/** Numbers of any type as f32: what ggml's own dequantisation gives. */
export function ggmlValues(type: number, bytes: Uint8Array): Float32Array {
  const groups = ggmlGroups(type, bytes);
  if (groups !== null) return groupValues(groups);
  const format = typeOf(type);
  if (!('value' in format)) throw new EngineError(`ggml type ${format.name} holds no plain numbers`);
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / format.bytes);
  for (let i = 0; i < values.length; i++) values[i] = format.value(source, i * format.bytes);
  return values;
}

/** scale · q + min of every weight, rounded once. */
export function groupValues({ group, q, scale, min }: Groups): Float32Array {
  const values = new Float32Array(q.length);
  for (let g = 0; g < scale.length; g++) {
    const [s = 0, m = 0] = [scale[g], min[g]];
    for (let i = g * group; i < (g + 1) * group; i++) values[i] = s * (q[i] ?? 0) + m;
  }
  return values;
}

function typeOf(type: number): Plain | Quantised {
  const format = TYPES.get(type);
  if (format === undefined) throw new EngineError(`ggml type ${type} is not read here`);
  return format;
}
