/**
 * GGUF files, version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), written; `ggufFile.ts` reads them: magic, version,
 * counts; typed metadata; name, shape, type and offset of each tensor; then the data, each tensor at a multiple of
 * `ALIGNMENT`. Little-endian throughout.
 */
import { EngineError } from './backend.ts';
import { toFittingHalf } from './float16.ts';
import { sizeOf, type NamedTensors } from './tensors.ts';

/** A typed metadata value; arrays hold one type. */
export type GgufValue =
  | { readonly uint32: number }
  | { readonly float32: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly int32s: readonly number[] };

const TYPE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
/** ggml's numbers of the two tensor types. */
const TENSOR_TYPE = { F32: 0, F16: 1 } as const;
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

  uint16(value: number): void {
    this.room(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
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

/**
 * A GGUF file of metadata and tensors, in their orders. Shapes are row-major as everywhere here; the file states
 * them fastest first, as ggml does. With F16 the matrices are rounded and vectors stay F32: llama.cpp multiplies norm
 * weights in F32 only.
 * @throws EngineError where a number does not fit into F16, or a tensor not into its shape
 */
export function writeGguf(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: NamedTensors,
  dtype: 'F32' | 'F16',
): Uint8Array<ArrayBuffer> {
  const typeOf = (shape: readonly number[]): 'F32' | 'F16' => (shape.length > 1 ? dtype : 'F32');
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
  for (const [name, { shape }] of tensors) {
    const type = typeOf(shape);
    out.string(name);
    out.uint32(shape.length);
    for (const length of [...shape].reverse()) out.uint64(length);
    out.uint32(TENSOR_TYPE[type]);
    out.uint64(offset);
    const bytes = sizeOf(shape) * (type === 'F32' ? 4 : 2);
    offset += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  }
  out.align();
  for (const [name, tensor] of tensors) {
    const values = tensor.values();
    if (values.length !== sizeOf(tensor.shape)) {
      throw new EngineError(
        `${name} holds ${values.length} numbers, its shape [${tensor.shape.join(', ')}] needs others`,
      );
    }
    if (typeOf(tensor.shape) === 'F32') for (const value of values) out.float32(value);
    else for (const value of values) out.uint16(toFittingHalf(value, name));
    out.align();
  }
  return out.finish();
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
