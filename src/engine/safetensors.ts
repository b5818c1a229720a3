/**
 * safetensors files (https://github.com/huggingface/safetensors): 8 bytes of header length, a JSON header
 * {name: {dtype, shape, data_offsets}}, then the data, little-endian as every machine that runs WebAssembly.
 */
import { z } from 'zod';
import { EngineError } from './backend.ts';
import { byteSource, type ByteSource } from './byteSource.ts';
import { fromBrain, fromHalf } from './float16.ts';
import { joined, type Pieces } from './pieces.ts';
import { plainBytes, plainNumbers, type PlainType } from './plainNumbers.ts';
import { sizeOf, type NamedTensors, type Tensor } from './tensors.ts';

const bytesPerElement: Readonly<Record<string, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

const maxHeaderBytes = 100_000_000;
const natural = z.number().int().nonnegative();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(natural),
  data_offsets: z.tuple([natural, natural]),
});
const metadataSchema = z.record(z.string(), z.string());

export interface SafeTensor extends Tensor {
  /** As the file says it: F32, BF16, I8… */
  readonly dtype: string;
}

export interface SafetensorsFile {
  /** Decoded when asked for; `values` of a tensor that is not F32, F16 or BF16 throws. */
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a file's header and checks it against the length of the data: types, sizes, overlaps and gaps. A tensor's own
 * bytes are read when it is asked for.
 * @param file named in errors
 */
export function readSafetensors(bytes: Uint8Array | ByteSource, file: string): SafetensorsFile {
  const source = byteSource(bytes);
  const fail = (problem: string): never => {
    throw new EngineError(
      `${file}: ${problem}. Download the file again, or convert the model to safetensors anew.`,
    );
  };
  if (source.size < 8) fail(`only ${source.size} bytes, too few for a safetensors file`);
  const length = source.read(0, 8);
  const headerBytes = Number(new DataView(length.buffer, length.byteOffset, 8).getBigUint64(0, true));
  if (headerBytes > maxHeaderBytes || 8 + headerBytes > source.size) {
    fail(
      `the header claims ${headerBytes} bytes, the file has ${source.size}: not safetensors, or cut short`,
    );
  }
  const header = parseHeader(source.read(8, 8 + headerBytes), fail);
  /** Where the data begin, and how many bytes of them there are. */
  const start = 8 + headerBytes;
  const dataBytes = source.size - start;

  const tensors = new Map<string, SafeTensor>();
  const spans: { name: string; begin: number; end: number }[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      const parsed = metadataSchema.safeParse(value);
      if (parsed.success) metadata = parsed.data;
      else fail('__metadata__ must map strings to strings');
      continue;
    }
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) {
      fail(
        `tensor "${name}" needs dtype, shape and data_offsets (${parsed.error.issues[0]?.path.join('.') ?? ''})`,
      );
      continue;
    }
    const {
      dtype,
      shape,
      data_offsets: [begin, end],
    } = parsed.data;
    const size = bytesPerElement[dtype];
    if (size === undefined) fail(`tensor "${name}" has the unknown dtype ${dtype}`);
    else if (end - begin !== sizeOf(shape) * size) {
      fail(
        `tensor "${name}" spans ${end - begin} bytes, ${dtype} [${shape.join(', ')}] needs ${sizeOf(shape) * size}`,
      );
    }
    if (end > dataBytes) fail(`tensor "${name}" ends at byte ${end} of ${dataBytes}: the file is cut short`);
    spans.push({ name, begin, end });
    const values = (): Float32Array => decode(source.read(start + begin, start + end), dtype, name, file);
    tensors.set(name, { shape, dtype, values });
  }

  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of spans) {
    if (begin < at) fail(`tensor "${name}" overlaps the one before it`);
    if (begin > at) fail(`bytes ${at} to ${begin} before tensor "${name}" belong to no tensor`);
    at = end;
  }
  if (at !== dataBytes) fail(`${dataBytes - at} bytes after the last tensor belong to no tensor`);
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array, fail: (problem: string) => never): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    fail('the header is not JSON: not a safetensors file, or a damaged one');
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(json);
  return parsed.success ? parsed.data : fail('the header is not a JSON object');
}

function decode(bytes: Uint8Array, dtype: string, name: string, file: string): Float32Array {
  if (dtype === 'F32') return new Float32Array(new Uint8Array(bytes).buffer); // a copy: it is the caller's

  if (dtype !== 'F16' && dtype !== 'BF16') {
    throw new EngineError(
      `${file}: tensor "${name}" is ${dtype}, weights are read from F32, F16 or BF16. ` +
        'Use an unquantised copy of the model.',
    );
  }
  const convert = dtype === 'F16' ? fromHalf : fromBrain;
  // Numbers of 16 bits must begin at an even address, which a view of a file need not.
  const even = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes);
  const halves = new Uint16Array(even.buffer, even.byteOffset, even.byteLength / 2);
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = convert(halves[i] ?? 0);
  return values;
}

/**
 * A safetensors file of the tensors, in their order, one piece a tensor.
 * @param typeOf the numbers of a tensor, by its name
 * @throws EngineError, when the pieces are gone through, where a number does not fit into F16
 */
export function safetensorsPieces(
  tensors: NamedTensors,
  typeOf: (name: string) => PlainType,
  metadata: Readonly<Record<string, string>> = {},
): Pieces {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let total = 0;
  for (const [name, { shape }] of tensors) {
    const dtype = typeOf(name);
    const end = total + sizeOf(shape) * plainBytes[dtype];
    header[name] = { dtype, shape, data_offsets: [total, end] };
    total = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8; // padded with spaces so that the data is aligned
  const head = new Uint8Array(8 + headerBytes).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(json, 8);
  return {
    size: head.length + total,
    *pieces() {
      yield head;
      for (const [name, tensor] of tensors) yield plainNumbers(tensor, typeOf(name), name);
    },
  };
}

/** The same in memory, of numbers of one type. */
export function writeSafetensors(
  tensors: NamedTensors,
  dtype: 'F32' | 'F16',
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  return joined(safetensorsPieces(tensors, () => dtype, metadata));
}
