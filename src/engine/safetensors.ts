/**
 * safetensors files (https://github.com/huggingface/safetensors): 8 bytes of header length, a JSON header
 * {name: {dtype, shape, data_offsets}}, then the data, little-endian as every machine that runs WebAssembly.
 */
import { z } from 'zod';
import { EngineError } from './backend.ts';
import { fromBrain, fromHalf, toFittingHalf } from './float16.ts';
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

export interface SafetensorsFile {
  /** Decoded when asked for; `values` of a tensor that is not F32, F16 or BF16 throws. */
  readonly tensors: NamedTensors;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a whole file, checking the header against the data: lengths, types, sizes, overlaps and gaps.
 * @param file named in errors
 */
export function readSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const fail = (problem: string): never => {
    throw new EngineError(
      `${file}: ${problem}. Download the file again, or convert the model to safetensors anew.`,
    );
  };
  if (bytes.length < 8) fail(`only ${bytes.length} bytes, too few for a safetensors file`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > maxHeaderBytes || 8 + headerBytes > bytes.length) {
    fail(
      `the header claims ${headerBytes} bytes, the file has ${bytes.length}: not safetensors, or cut short`,
    );
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerBytes), fail);
  const data = bytes.subarray(8 + headerBytes);

  const tensors = new Map<string, Tensor>();
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
    if (end > data.length)
      fail(`tensor "${name}" ends at byte ${end} of ${data.length}: the file is cut short`);
    spans.push({ name, begin, end });
    tensors.set(name, { shape, values: () => decode(data.subarray(begin, end), dtype, name, file) });
  }

  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of spans) {
    if (begin < at) fail(`tensor "${name}" overlaps the one before it`);
    if (begin > at) fail(`bytes ${at} to ${begin} before tensor "${name}" belong to no tensor`);
    at = end;
  }
  if (at !== data.length) fail(`${data.length - at} bytes after the last tensor belong to no tensor`);
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
  const aligned = new Uint8Array(bytes).buffer; // a copy, aligned for wider numbers (Buffer's slice is none)
  if (dtype === 'F32') return new Float32Array(aligned);
  if (dtype !== 'F16' && dtype !== 'BF16') {
    throw new EngineError(
      `${file}: tensor "${name}" is ${dtype}, weights are read from F32, F16 or BF16. ` +
        'Use an unquantised copy of the model.',
    );
  }
  const convert = dtype === 'F16' ? fromHalf : fromBrain;
  const halves = new Uint16Array(aligned);
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = convert(halves[i] ?? 0);
  return values;
}

/**
 * A safetensors file of the tensors, in their order. F16 rounds to nearest even.
 * @throws EngineError where a number does not fit into F16
 */
export function writeSafetensors(
  tensors: NamedTensors,
  dtype: 'F32' | 'F16',
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const size = dtype === 'F32' ? 4 : 2;
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let total = 0;
  for (const [name, { shape }] of tensors) {
    const end = total + sizeOf(shape) * size;
    header[name] = { dtype, shape, data_offsets: [total, end] };
    total = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8; // padded with spaces so that the data is aligned
  const bytes = new Uint8Array(8 + headerBytes + total);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, 8, 8 + headerBytes);
  bytes.set(json, 8);
  let at = 8 + headerBytes;
  for (const [name, tensor] of tensors) {
    const values = tensor.values();
    if (values.length !== sizeOf(tensor.shape)) {
      throw new EngineError(
        `${name} holds ${values.length} numbers, its shape [${tensor.shape.join(', ')}] needs others`,
      );
    }
    for (const value of values) {
      if (dtype === 'F32') view.setFloat32(at, value, true);
      else view.setUint16(at, toFittingHalf(value, name), true);
      at += size;
    }
  }
  return bytes;
}
