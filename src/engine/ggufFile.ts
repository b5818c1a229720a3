/**
 * Reads GGUF files, versions 2 and 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). The counterpart of
 * `writeGguf`. Tensors stay as they lie in the file until asked for.
 */
import { EngineError } from './backend.ts';
import { byteSource, type ByteSource } from './byteSource.ts';
import { GGML_TYPE_NAMES, ggmlGroups, ggmlType, ggmlValues } from './ggmlBlocks.ts';
import { sizeOf, type Tensor } from './tensors.ts';

export type GgufScalar = number | boolean | string;
export type GgufEntry = GgufScalar | readonly GgufScalar[];

export interface GgufTensor extends Tensor {
  /** ggml's type number (`ggmlBlocks.ts`). */
  readonly type: number;
  /** Whole blocks, row by row, read from the file. */
  bytes(): Uint8Array;
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

/** Bytes of the file's beginning that are read at first; twice as many each time that these do not suffice. */
const FIRST_WINDOW = 2 ** 20;

class Reader {
  private readonly source: ByteSource;
  private readonly file: string;
  /** The file's beginning, as far as it has been read. */
  private head: Uint8Array = new Uint8Array(0);
  private view = new DataView(this.head.buffer);
  at = 0;

  constructor(source: ByteSource, file: string) {
    this.source = source;
    this.file = file;
  }

  fail(problem: string): never {
    throw new EngineError(`${this.file}: ${problem}. Download the file again.`);
  }

  take(size: number): number {
    const start = this.at;
    const end = start + size;
    if (end > this.source.size) this.fail(`cut short at byte ${this.source.size}`);
    if (end > this.head.length) {
      const wanted = Math.max(end, 2 * this.head.length, FIRST_WINDOW);
      this.head = this.source.read(0, Math.min(wanted, this.source.size));
      this.view = new DataView(this.head.buffer, this.head.byteOffset, this.head.byteLength);
    }
    this.at = end;
    return start;
  }

  /** The view is looked up after the bytes are there: reading more of the file replaces it. */
  private number<T>(size: number, get: (view: DataView, at: number) => T): T {
    const at = this.take(size);
    return get(this.view, at);
  }

  uint32(): number {
    return this.number(4, (view, at) => view.getUint32(at, true));
  }

  uint64(): number {
    return this.number(8, (view, at) => Number(view.getBigUint64(at, true)));
  }

  count(what: string, most = MOST): number {
    const count = this.uint64();
    if (count > most) this.fail(`${what} claims ${count} entries: not GGUF, or damaged`);
    return count;
  }

  text(length: number): string {
    const start = this.take(length);
    return new TextDecoder().decode(this.head.subarray(start, start + length));
  }

  string(): string {
    return this.text(this.count('a text'));
  }

  /** Scalars by the type numbers of the format. */
  scalar(type: number): GgufScalar {
    switch (type) {
      case 0:
        return this.number(1, (view, at) => view.getUint8(at));
      case 1:
        return this.number(1, (view, at) => view.getInt8(at));
      case 2:
        return this.number(2, (view, at) => view.getUint16(at, true));
      case 3:
        return this.number(2, (view, at) => view.getInt16(at, true));
      case 4:
        return this.uint32();
      case 5:
        return this.number(4, (view, at) => view.getInt32(at, true));
      case 6:
        return this.number(4, (view, at) => view.getFloat32(at, true));
      case 7:
        return this.number(1, (view, at) => view.getUint8(at) !== 0);
      case STRING:
        return this.string();
      case 10:
        return this.uint64();
      case 11:
        return this.number(8, (view, at) => Number(view.getBigInt64(at, true)));
      case 12:
        return this.number(8, (view, at) => view.getFloat64(at, true));
      default:
        return this.fail(`metadata of the unknown type ${type}`);
    }
  }

  /** @param onLength told of a list before it is read */
  entry(onLength?: (length: number) => void): GgufEntry {
    const type = this.uint32();
    if (type !== ARRAY) return this.scalar(type);
    const inner = this.uint32();
    const length = this.count('a list');
    onLength?.(length);
    return Array.from({ length }, () => this.scalar(inner));
  }
}

/**
 * Reads what stands before the tensors, and checks every tensor's place against the file's length. A tensor's own bytes
 * are read when it is asked for.
 * @param file named in errors
 * @throws EngineError for another format or version, a tensor type that is not read here, or a file cut short
 */
export function readGguf(bytes: Uint8Array | ByteSource, file: string): GgufFile {
  const source = byteSource(bytes);
  const reader = new Reader(source, file);
  const { tensorCount, entries } = readCounts(reader, file);
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
    if (to > source.size) {
      reader.fail(`tensor "${name}" ends at byte ${to} of ${source.size}: the file is cut short`);
    }
    const read = (): Uint8Array => source.read(from, to);
    tensors.set(name, {
      shape,
      type,
      bytes: read,
      values: () => ggmlValues(type, read()),
      groups: () => ggmlGroups(type, read()),
    });
  }
  return { metadata, tensors };
}

/** What the beginning of a file says. */
export interface GgufHead {
  /** As far as the beginning goes; lists only where they are whole. */
  readonly metadata: ReadonlyMap<string, GgufEntry>;
  /** Lengths of the lists, also of the one that the beginning ends in. */
  readonly lengths: ReadonlyMap<string, number>;
}

/** Reads the beginning of a file, cut anywhere. @throws EngineError where it is none of GGUF, or of another version */
export function peekGguf(head: Uint8Array, file: string): GgufHead {
  const reader = new Reader(byteSource(head), file);
  const { entries } = readCounts(reader, file);
  const metadata = new Map<string, GgufEntry>();
  const lengths = new Map<string, number>();
  try {
    for (let i = 0; i < entries; i++) {
      const key = reader.string();
      metadata.set(
        key,
        reader.entry((length) => lengths.set(key, length)),
      );
    }
  } catch (error) {
    // The end of what there is to read.
    if (!(error instanceof EngineError)) throw error;
  }
  return { metadata, lengths };
}

function readCounts(
  reader: Reader,
  file: string,
): { readonly tensorCount: number; readonly entries: number } {
  if (reader.text(4) !== 'GGUF') reader.fail('not a GGUF file');
  const version = reader.uint32();
  if (version !== 2 && version !== 3) {
    throw new EngineError(`${file}: GGUF version ${version} is not read here, 2 and 3 are. Convert it anew.`);
  }
  return {
    tensorCount: reader.count('the tensor list', 2 ** 20),
    entries: reader.count('the metadata', 2 ** 20),
  };
}
