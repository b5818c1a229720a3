import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBrain, fromHalf, toHalf } from '../../../src/engine/float16.ts';
import { readSafetensors, writeSafetensors } from '../../../src/engine/safetensors.ts';
import { tensorOf } from '../../../src/engine/tensors.ts';

/** A file with this header text and this many data bytes. */
function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe('halves', () => {
  it('survive a round trip, all 65536 of them', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = fromHalf(bits);
      if (Number.isNaN(value)) expect(Number.isNaN(fromHalf(toHalf(value)))).toBe(true);
      else if (toHalf(value) !== bits) throw new Error(`${bits} became ${toHalf(value)}`);
    }
  });

  it('round to the nearest, ties to even', () => {
    expect(fromHalf(toHalf(1 + 1 / 2048))).toBe(1); // halfway to 1 + 1/1024, down to even
    expect(fromHalf(toHalf(1 + 3 / 2048))).toBe(1 + 2 / 1024); // halfway, up to even
    expect(fromHalf(toHalf(65519))).toBe(65504);
    expect(fromHalf(toHalf(65520))).toBe(Infinity);
    expect(toHalf(2 ** -25)).toBe(0); // halfway to the smallest subnormal, down to even
    expect(toHalf(1.5 * 2 ** -25)).toBe(1);
    expect(Object.is(fromHalf(toHalf(-0)), -0)).toBe(true);
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const half = toHalf(value);
        const error = Math.abs(fromHalf(half) - value);
        for (const neighbour of [half - 1, half + 1]) {
          const other = fromHalf(neighbour & 0xffff);
          if (Number.isFinite(other)) expect(error).toBeLessThanOrEqual(Math.abs(other - value));
        }
      }),
    );
  });

  it('reads bfloat16', () => {
    expect([0x3f80, 0xc000, 0x7f80, 0x0001].map(fromBrain)).toEqual([1, -2, Infinity, 2 ** -133]);
  });
});

describe('safetensors', () => {
  const tensors = new Map([
    ['a', tensorOf([2, 3], Float32Array.of(1, -2, 0.5, 1e-3, 3, 65504))],
    ['scalar', tensorOf([], Float32Array.of(7))],
    ['empty', tensorOf([0, 4], new Float32Array(0))],
  ]);

  it.each(['F32', 'F16'] as const)('reads back what it writes as %s', (dtype) => {
    const bytes = writeSafetensors(tensors, dtype, { format: 'pt' });
    // A window into a larger buffer, at an odd offset, as a download may be.
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    const file = readSafetensors(shifted, 'm.safetensors');
    expect(file.metadata).toEqual({ format: 'pt' });
    expect([...file.tensors.keys()]).toEqual(['a', 'scalar', 'empty']);
    for (const [name, tensor] of tensors) {
      const read = file.tensors.get(name);
      expect(read?.shape).toEqual(tensor.shape);
      const expected = tensor.values().map((value) => (dtype === 'F32' ? value : fromHalf(toHalf(value))));
      expect(read?.values()).toEqual(expected);
    }
  });

  it('tolerates integers until they are asked for', () => {
    const { tensors: read } = readSafetensors(
      fileOf({ n: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, 8),
      'm.safetensors',
    );
    expect(() => read.get('n')?.values()).toThrow('m.safetensors: tensor "n" is I64');
  });

  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  it.each([
    ['too short', new Uint8Array(5), 'only 5 bytes'],
    [
      'a web page',
      new TextEncoder().encode('<!doctype html><title>404</title>'),
      'not safetensors, or cut short',
    ],
    ['no JSON', fileOf('{"a":', 0), 'not JSON'],
    ['no object', fileOf([], 0), 'not a JSON object'],
    ['a cut file', fileOf({ a: entry }, 7), 'ends at byte 8 of 7'],
    ['a wrong size', fileOf({ a: { ...entry, shape: [3] } }, 8), 'spans 8 bytes, F32 [3] needs 12'],
    ['an unknown type', fileOf({ a: { ...entry, dtype: 'F8_E4M3' } }, 8), 'unknown dtype F8_E4M3'],
    [
      'a missing field',
      fileOf({ a: { dtype: 'F32', shape: [2] } }, 8),
      'needs dtype, shape and data_offsets',
    ],
    ['a negative offset', fileOf({ a: { ...entry, data_offsets: [-8, 0] } }, 8), 'needs dtype, shape and'],
    ['an overlap', fileOf({ a: entry, b: { ...entry, data_offsets: [4, 12] } }, 12), '"b" overlaps'],
    ['a gap', fileOf({ a: entry, b: { ...entry, data_offsets: [12, 20] } }, 20), 'bytes 8 to 12'],
    ['a tail', fileOf({ a: entry }, 12), '4 bytes after the last tensor'],
    ['bad metadata', fileOf({ __metadata__: { a: 1 }, a: entry }, 8), 'must map strings to strings'],
  ])('refuses %s, naming the file', (_what, bytes, message) => {
    const read = (): unknown => readSafetensors(bytes, 'm.safetensors');
    expect(read).toThrow(message);
    expect(read).toThrow(/^m\.safetensors: .*Download the file again/);
  });

  it('refuses to write numbers that 16 bits cannot hold', () => {
    const large = new Map([['w', tensorOf([1], Float32Array.of(1e6))]]);
    expect(() => writeSafetensors(large, 'F16')).toThrow('w holds 1000000, too large for F16');
    expect(() => writeSafetensors(new Map([['w', tensorOf([2], Float32Array.of(1))]]), 'F32')).toThrow('[2]');
  });
});
