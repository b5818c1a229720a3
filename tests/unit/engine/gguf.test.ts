import { describe, expect, it } from 'vitest';
import { fromHalf } from '../../../src/engine/float16.ts';
import { ggufPieces, storedAs, type GgufValue } from '../../../src/engine/gguf.ts';
import { joined } from '../../../src/engine/pieces.ts';
import { tensorOf, type NamedTensors } from '../../../src/engine/tensors.ts';
import { floatsOf, readGguf } from './readGguf.ts';

const metadata = new Map<string, GgufValue>([
  ['a.count', { uint32: 4_000_000_000 }],
  ['a.rate', { float32: 0.5 }],
  ['a.no', { bool: false }],
  ['a.yes', { bool: true }],
  ['a.text', { string: 'Ġ北' }],
  ['a.tokens', { strings: ['', 'é', '<think>'] }],
  ['a.types', { int32s: [1, -1, 3] }],
]);
const matrix = tensorOf([3, 2], Float32Array.of(1, 2, 3, 4, 5, 1 / 3));
const vector = tensorOf([3], Float32Array.of(0.1, 1e6, -2));
const tensors = new Map([
  ['matrix', matrix],
  ['vector', vector],
]);

/** Matrices as `dtype`, vectors F32. */
const writeGguf = (entries: typeof metadata, named: NamedTensors, dtype: 'F32' | 'F16') =>
  joined(
    ggufPieces(
      entries,
      new Map(
        [...named].map(([name, tensor]) => [
          name,
          storedAs(tensor, tensor.shape.length > 1 ? dtype : 'F32', name),
        ]),
      ),
    ),
  );

describe('a GGUF file', () => {
  it('writes metadata of every type', () => {
    const file = readGguf(writeGguf(metadata, new Map(), 'F32'));
    expect(file.version).toBe(3);
    expect(Object.fromEntries(file.metadata)).toEqual({
      'a.count': 4_000_000_000,
      'a.rate': 0.5,
      'a.no': false,
      'a.yes': true,
      'a.text': 'Ġ北',
      'a.tokens': ['', 'é', '<think>'],
      'a.types': [1, -1, 3],
    });
  });

  it('writes tensors fastest dimension first, each aligned, the file padded', () => {
    const bytes = writeGguf(metadata, tensors, 'F32');
    const file = readGguf(bytes);
    const [first, second] = [file.tensors.get('matrix'), file.tensors.get('vector')];
    if (!first || !second) throw new Error('a tensor is missing');
    expect(first.dimensions).toEqual([2, 3]);
    expect(floatsOf(bytes, first)).toEqual([...matrix.values()]);
    expect(floatsOf(bytes, second)).toEqual([...vector.values()]);
    expect([first.at % 32, second.at % 32, bytes.length % 32]).toEqual([0, 0, 0]);
  });

  it('rounds matrices to F16 and leaves vectors F32', () => {
    const bytes = writeGguf(metadata, tensors, 'F16');
    const file = readGguf(bytes);
    const [first, second] = [file.tensors.get('matrix'), file.tensors.get('vector')];
    if (!first || !second) throw new Error('a tensor is missing');
    expect(first.type).toBe(1);
    const view = new DataView(bytes.buffer);
    const halves = Array.from({ length: 6 }, (_, i) => fromHalf(view.getUint16(first.at + 2 * i, true)));
    expect(halves.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(halves[5]).toBeCloseTo(1 / 3, 3);
    expect(floatsOf(bytes, second)).toEqual([...vector.values()]);
  });

  it('refuses numbers that F16 cannot hold, by name', () => {
    const large = new Map([['blk.0.attn_q.weight', tensorOf([1, 1], Float32Array.of(70_000))]]);
    expect(() => writeGguf(new Map(), large, 'F16')).toThrow(/blk\.0\.attn_q\.weight holds 70000.*F32/);
  });
});
