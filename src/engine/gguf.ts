/**
 * GGUF files, version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), written; `ggufFile.ts` reads them: magic, version,
 * counts; typed metadata; name, shape, type and offset of each tensor; then the data, each tensor at a multiple of
 * `ALIGNMENT`. Little-endian throughout.
 */
import { EngineError } from './backend.ts';
import { ggmlType } from './ggmlBlocks.ts';
import type { Pieces } from './pieces.ts';
import { plainNumbers, type PlainType } from './plainNumbers.ts';
import { sizeOf, type Tensor } from './tensors.ts';

/** A typed metadata value; arrays hold one type. */
export type GgufValue =
  | { readonly uint32: number }
  | { readonly float32: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly int32s: readonly number[] };

const TYPE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const VERSION = 3;
/** The format's default, so that `general.alignment` need not be written. */
const ALIGNMENT = 32;

/** A byte list that grows; all numbers little-endian. */
class Writer {
  private bytes = new Uint8Array(1 << 16);
  private view = new DataView(this.bytes.buffer);
  length = 0;

  uint32(value: number): void {
    this.room(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  int32(value: number): void {
    this.uint32(value >>> 0);
  }

  float32(value: number): void {
    this.room(4);
    this.view.setFloat32(this.length, value, true);
    this.length += 4;
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }

  uint64(value: number): void {
    this.room(8);
    this.view.setBigUint64(this.length, BigInt(value), true);
    this.length += 8;
  }

  string(text: string): void {
    const utf8 = new TextEncoder().encode(text);
    this.uint64(utf8.length);
    this.room(utf8.length);
    this.bytes.set(utf8, this.length);
    this.length += utf8.length;
  }

  align(): void {
    while (this.length % ALIGNMENT !== 0) this.byte(0);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  private room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + more));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** A tensor as its bytes lie in a file. */
export interface StoredTensor {
  /** Row-major, slowest first. */
  readonly shape: readonly number[];
  /** ggml's type number (`ggmlBlocks.ts`). */
  readonly type: number;
  /** Whole blocks, row by row. */
  bytes(): Uint8Array;
}

/** ggml's numbers of the types that are not quantised. */
export const PLAIN_TYPE: Readonly<Record<PlainType, number>> = { F32: 0, F16: 1, BF16: 30 };

/** A tensor's numbers as one of those types. @param name for errors */
export const storedAs = (tensor: Tensor, type: PlainType, name: string): StoredTensor => ({
  shape: tensor.shape,
  type: PLAIN_TYPE[type],
  bytes: () => plainNumbers(tensor, type, name),
});

/**
 * A GGUF file of metadata and tensors, in their orders, one piece a tensor. The file states shapes fastest first, as
 * ggml does.
 */
export function ggufPieces(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: ReadonlyMap<string, StoredTensor>,
): Pieces {
  const out = new Writer();
  for (const letter of 'GGUF') out.byte(letter.charCodeAt(0));
  out.uint32(VERSION);
  out.uint64(tensors.size);
  out.uint64(metadata.size);
  for (const [key, value] of metadata) {
    out.string(key);
    writeValue(out, value);
  }
  let offset = 0;
  for (const [name, tensor] of tensors) {
    const { shape, type } = tensor;
    out.string(name);
    out.uint32(shape.length);
    for (const length of [...shape].reverse()) out.uint64(length);
    out.uint32(type);
    out.uint64(offset);
    offset += aligned(bytesOf(tensor));
  }
  out.align();
  const head = out.finish();
  return {
    size: head.length + offset,
    *pieces() {
      yield head;
      for (const [, tensor] of tensors) {
        const piece = new Uint8Array(aligned(bytesOf(tensor)));
        piece.set(tensor.bytes());
        yield piece;
      }
    },
  };
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

function bytesOf({ shape, type }: StoredTensor): number {
  const format = ggmlType(type);
  if (format === undefined) throw new EngineError(`ggml type ${type} is not written here`);
  return (sizeOf(shape) / format.block) * format.bytes;
}

function writeValue(out: Writer, value: GgufValue): void {
  if ('uint32' in value) {
    out.uint32(TYPE.uint32);
    out.uint32(value.uint32);
  } else if ('float32' in value) {
    out.uint32(TYPE.float32);
    out.float32(value.float32);
  } else if ('bool' in value) {
    out.uint32(TYPE.bool);
    out.byte(value.bool ? 1 : 0);
  } else if ('string' in value) {
    out.uint32(TYPE.string);
    out.string(value.string);
  } else if ('strings' in value) {
    out.uint32(TYPE.array);
    out.uint32(TYPE.string);
    out.uint64(value.strings.length);
    for (const text of value.strings) out.string(text);
  } else {
    out.uint32(TYPE.array);
    out.uint32(TYPE.int32);
    out.uint64(value.int32s.length);
    for (const number of value.int32s) out.int32(number);
  }
}
