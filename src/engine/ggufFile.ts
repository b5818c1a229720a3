/**
 * Reads GGUF files, versions 2 and 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). The counterpart of
 * `writeGguf`. Tensors stay as they lie in the file until asked for.
 */
import { EngineError } from './backend.ts';
import { GGML_TYPE_NAMES, ggmlGroups, ggmlType, ggmlValues } from './ggmlBlocks.ts';
import { sizeOf, type Tensor } from './tensors.ts';

export type GgufScalar = number | boolean | string;
export type GgufEntry = GgufScalar | readonly GgufScalar[];

export interface GgufTensor extends Tensor {
  /** ggml's type number (`ggmlBlocks.ts`). */
  readonly type: number;
  /** Whole blocks, row by row. */
  readonly bytes: Uint8Array;
}

export interface GgufFile {
  readonly metadata: ReadonlyMap<string, GgufEntry>;
  /** By llama.cpp's names; shapes row-major, slowest first. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

const STRING = 8;
const ARRAY = 9;
/** Longest list or text taken for real: a damaged count must not ask for gigabytes. */
const MOST = 2 ** 24;

class Reader {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly file: string;
  at = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
  }

  fail(problem: string): never {
    throw new EngineError(`${this.file}: ${problem}. Download the file again.`);
  }

  take(size: number): number {
    const start = this.at;
    if (start + size > this.bytes.length) this.fail(`cut short at byte ${this.bytes.length}`);
    this.at += size;
    return start;
  }

  uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  uint64(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }

  count(what: string, most = MOST): number {
    const count = this.uint64();
    if (count > most) this.fail(`${what} claims ${count} entries: not GGUF, or damaged`);
    return count;
  }

  string(): string {
    const length = this.count('a text');
    const start = this.take(length);
    return new TextDecoder().decode(this.bytes.subarray(start, start + length));
  }

  /** Scalars by the type numbers of the format. */
  scalar(type: number): GgufScalar {
    const { view } = this;
    switch (type) {
      case 0:
        return view.getUint8(this.take(1));
      case 1:
        return view.getInt8(this.take(1));
      case 2:
        return view.getUint16(this.take(2), true);
      case 3:
        return view.getInt16(this.take(2), true);
      case 4:
        return this.uint32();
      case 5:
        return view.getInt32(this.take(4), true);
      case 6:
        return view.getFloat32(this.take(4), true);
      case 7:
        return view.getUint8(this.take(1)) !== 0;
      case STRING:
        return this.string();
      case 10:
        return this.uint64();
      case 11:
        return Number(view.getBigInt64(this.take(8), true));
      case 12:
        return view.getFloat64(this.take(8), true);
      default:
        return this.fail(`metadata of the unknown type ${type}`);
    }
  }

  entry(): GgufEntry {
    const type = this.uint32();
    if (type !== ARRAY) return this.scalar(type);
    const inner = this.uint32();
    return Array.from({ length: this.count('a list') }, () => this.scalar(inner));
  }
}

/**
 * Reads a whole file, checking every tensor's place against its length.
 * @param file named in errors
 * @throws EngineError for another format or version, a tensor type that is not read here, or a file cut short
 */
export function readGguf(bytes: Uint8Array, file: string): GgufFile {
  const reader = new Reader(bytes, file);
  const magic = reader.take(4);
  if (new TextDecoder().decode(bytes.subarray(magic, 4)) !== 'GGUF') reader.fail('not a GGUF file');
  const version = reader.uint32();
  if (version !== 2 && version !== 3) {
    throw new EngineError(`${file}: GGUF version ${version} is not read here, 2 and 3 are. Convert it anew.`);
  }
  const tensorCount = reader.count('the tensor list', 2 ** 20);
  const entries = reader.count('the metadata', 2 ** 20);
  const metadata = new Map<string, GgufEntry>();
  for (let i = 0; i < entries; i++) {
    const key = reader.string();
    metadata.set(key, reader.entry());
  }
  const listed = Array.from({ length: tensorCount }, () => {
    const name = reader.string();
    const dimensions = reader.uint32();
    if (dimensions > 4) reader.fail(`tensor "${name}" has ${dimensions} dimensions`);
    const shape = Array.from({ length: dimensions }, () => reader.uint64()).reverse();
    return { name, shape, type: reader.uint32(), offset: reader.uint64() };
  });
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || alignment < 1) reader.fail('general.alignment is not a number');
  const start = Math.ceil(reader.at / Number(alignment)) * Number(alignment);

  const tensors = new Map<string, GgufTensor>();
  for (const { name, shape, type, offset } of listed) {
    const format = ggmlType(type);
    if (format === undefined) {
      throw new EngineError(
        `${file}: tensor "${name}" is of ggml type ${type}, which is not read here. ` +
          `Choose a file in ${GGML_TYPE_NAMES.join(', ')}.`,
      );
    }
    const row = shape.at(-1) ?? 1;
    if (row % format.block !== 0) reader.fail(`tensor "${name}": a row of ${row} is no whole ${format.name}`);
    const from = start + offset;
    const to = from + (sizeOf(shape) / format.block) * format.bytes;
    if (to > bytes.length) {
      reader.fail(`tensor "${name}" ends at byte ${to} of ${bytes.length}: the file is cut short`);
    }
    const data = bytes.subarray(from, to);
    tensors.set(name, {
      shape,
      type,
      bytes: data,
      values: () => ggmlValues(type, data),
      groups: () => ggmlGroups(type, data),
    });
  }
  return { metadata, tensors };
}
