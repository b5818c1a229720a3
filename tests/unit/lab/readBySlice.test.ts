import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readGguf } from '../../../src/engine/ggufFile.ts';
import { readSafetensors } from '../../../src/engine/safetensors.ts';
import type { ByteSource } from '../../../src/engine/byteSource.ts';
import { readWeights } from '../../../src/lab/shards.ts';

const golden = (name: string) => readFile(new URL(`../../golden/data/${name}`, import.meta.url));

/** A source that writes down what is read of it. */
function watched(bytes: Uint8Array): ByteSource & { readonly reads: [number, number][] } {
  const reads: [number, number][] = [];
  return {
    size: bytes.length,
    reads,
    // At an odd place in memory, as a reader must stand it.
    read: (begin, end) => {
      reads.push([begin, end]);
      const odd = new Uint8Array(end - begin + 1).subarray(1);
      odd.set(bytes.subarray(begin, end));
      return odd;
    },
  };
}

describe('a file on disk', () => {
  it('of safetensors gives each tensor by a read of its own bytes alone', async () => {
    const bytes = await golden('hf/llama-f16/model.safetensors');
    const source = watched(bytes);
    const file = readSafetensors(source, 'model.safetensors');
    const header = source.reads.at(-1)?.[1] ?? 0;
    expect(source.reads).toEqual([
      [0, 8],
      [8, header],
    ]);
    for (const [name, tensor] of readSafetensors(bytes, 'all').tensors) {
      source.reads.length = 0;
      expect(file.tensors.get(name)?.values(), name).toEqual(tensor.values());
      expect(source.reads).toHaveLength(1);
      const [begin = 0, end = 0] = source.reads[0] ?? [];
      expect(begin).toBeGreaterThanOrEqual(header);
      expect(end - begin).toBe(2 * tensor.shape.reduce((size, n) => size * n, 1));
    }
  });

  it('of GGUF is read no further than its head until a tensor is asked for', async () => {
    const head = await golden('gguf/llama.gguf');
    const whole = readGguf(head, 'llama.gguf');
    // Far longer than what is read at first.
    const padded = new Uint8Array(2 ** 21);
    padded.set(head);
    const source = watched(padded);
    const file = readGguf(source, 'llama.gguf');
    expect(Math.max(...source.reads.map(([, end]) => end))).toBeLessThanOrEqual(2 ** 20);
    for (const [name, tensor] of whole.tensors) {
      source.reads.length = 0;
      expect(file.tensors.get(name)?.values(), name).toEqual(tensor.values());
      expect(source.reads).toHaveLength(1);
    }
  });

  it('in shards is opened as sources, too', async () => {
    const open = async (name: string) => watched(await golden(`hf/qwen2-bf16/${name}`));
    const byRead = await readWeights((name) => golden(`hf/qwen2-bf16/${name}`), 'model.safetensors');
    const bySlice = await readWeights(open, 'model.safetensors');
    expect([...bySlice.keys()]).toEqual([...byRead.keys()]);
    for (const [name, tensor] of byRead) expect(bySlice.get(name)?.values()).toEqual(tensor.values());
  });
});
