/** A reader of GGUF files for tests, written from the format's description and not from our writer. */

export interface GgufTensor {
  /** Fastest first, as in the file. */
  readonly dimensions: readonly number[];
  /** 0 F32, 1 F16. */
  readonly type: number;
  /** From the file's beginning. */
  readonly at: number;
}

export interface GgufFile {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, unknown>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

export function readGguf(bytes: Uint8Array): GgufFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (size: number): number => (at += size) - size;
  const u32 = (): number => view.getUint32(take(4), true);
  const u64 = (): number => Number(view.getBigUint64(take(8), true));
  const text = (): string => {
    const length = u64();
    const start = take(length);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, start + length));
  };
  const value = (type: number): unknown => {
    if (type === 4) return u32();
    if (type === 5) return view.getInt32(take(4), true);
    if (type === 6) return view.getFloat32(take(4), true);
    if (type === 7) return view.getUint8(take(1)) === 1;
    if (type === 8) return text();
    if (type !== 9) throw new Error(`metadata type ${type} at byte ${at}`);
    const inner = u32();
    return Array.from({ length: u64() }, () => value(inner));
  };

  const magic = new TextDecoder().decode(bytes.subarray(0, 4));
  if (magic !== 'GGUF') throw new Error(`magic ${magic}`);
  take(4);
  const version = u32();
  const tensorCount = u64();
  const metadataCount = u64();
  const metadata = new Map<string, unknown>();
  for (let i = 0; i < metadataCount; i++) {
    const key = text();
    metadata.set(key, value(u32()));
  }
  const listed = Array.from({ length: tensorCount }, () => {
    const name = text();
    const dimensions = Array.from({ length: u32() }, u64);
    return { name, dimensions, type: u32(), offset: u64() };
  });
  const data = Math.ceil(at / 32) * 32;
  const tensors = new Map(
    listed.map(({ name, dimensions, type, offset }) => [name, { dimensions, type, at: data + offset }]),
  );
  return { version, metadata, tensors };
}

/** Numbers of an F32 tensor. */
export function floatsOf(bytes: Uint8Array, { dimensions, type, at }: GgufTensor): number[] {
  if (type !== 0) throw new Error(`tensor type ${type} is not F32`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = dimensions.reduce((product, length) => product * length, 1);
  return Array.from({ length: count }, (_, i) => view.getFloat32(at + 4 * i, true));
}
