/** GGUF files made by the gguf package, against its own dequantisation and against the same model as a folder. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDecoderConfig } from '../../src/engine/config.ts';
import { readGguf } from '../../src/engine/ggufFile.ts';
import { readSafetensors } from '../../src/engine/safetensors.ts';
import { ggufConfig } from '../../src/lab/ggufConfig.ts';
import { ggufWeights } from '../../src/lab/ggufWeights.ts';

const read = (path: string): Promise<Uint8Array> =>
  readFile(fileURLToPath(new URL(`./data/${path}`, import.meta.url)));

const blocks = readGguf(await read('gguf/blocks.gguf'), 'blocks.gguf');
const llama = await read('gguf/llama.gguf');
const expected = readSafetensors(await read('gguf/blocks.safetensors'), 'blocks.safetensors').tensors;

describe('GGUF files of the gguf package', () => {
  it.each(['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q4_K', 'Q6_K'])('dequantises %s', (type) => {
    const tensor = blocks.tensors.get(type);
    expect(tensor?.shape).toEqual([3, 512]);
    // The package keeps the sign of a zero, which no sum can tell.
    const zeroed = (values?: Float32Array): Float32Array | undefined => values?.map((value) => value + 0);
    expect(zeroed(tensor?.values())).toEqual(zeroed(expected.get(type)?.values()));
  });

  it('reads the model of the folder: configuration and every weight, rows put back in order', async () => {
    const folder = 'hf/llama-f32';
    const file = readGguf(llama, 'llama.gguf');
    const config = ggufConfig(file, 'llama.gguf');
    const json: unknown = JSON.parse(String(await read(`${folder}/config.json`)));
    // The file states epsilon in single precision.
    const wanted = parseDecoderConfig(json, 'config.json');
    expect(config).toEqual({ ...wanted, normEps: Math.fround(wanted.normEps) });
    const { tensors } = readSafetensors(await read(`${folder}/model.safetensors`), folder);
    const weights = ggufWeights(file, config, 'llama.gguf');
    expect([...weights.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, tensor] of tensors) {
      expect(weights.get(name)?.shape, name).toEqual(tensor.shape);
      expect(weights.get(name)?.values(), name).toEqual(tensor.values());
    }
  });

  it('refuses rotary factors that are not those of Llama 3', () => {
    const file = readGguf(llama, 'llama.gguf');
    const tensors = new Map(file.tensors);
    const factors = tensors.get('rope_freqs.weight');
    if (factors === undefined) throw new Error('no factors');
    tensors.set('rope_freqs.weight', { ...factors, values: () => Float32Array.of(1, 1, 2, 8) });
    expect(() => ggufConfig({ ...file, tensors }, 'l.gguf')).toThrow(
      'l.gguf: rope_freqs.weight stretches rotary positions otherwise than Llama 3 does',
    );
  });

  it.each([
    [3, 'x.gguf: cut short at byte 3'],
    [40, 'x.gguf: cut short at byte 40'],
    [llama.length - 64, /x\.gguf: tensor ".*" ends at byte \d+ of \d+: the file is cut short/],
  ])('tells a file of %i bytes from a whole one', (length, message) => {
    expect(() => readGguf(llama.subarray(0, length), 'x.gguf')).toThrow(message);
  });

  it('refuses what is not GGUF, an unknown version, number type or architecture, and names the mend', () => {
    const with32 = (at: number, value: number): Uint8Array => {
      const copy = Uint8Array.from(llama);
      new DataView(copy.buffer).setUint32(at, value, true);
      return copy;
    };
    expect(() => readGguf(with32(0, 0), 'x.gguf')).toThrow('x.gguf: not a GGUF file. Download the file again.');
    expect(() => readGguf(with32(4, 1), 'x.gguf')).toThrow('GGUF version 1 is not read here');
    expect(() => readGguf(with32(12, 0xffff), 'x.gguf')).toThrow(/claims \d+ entries: not GGUF, or damaged/);
    const file = readGguf(llama, 'x.gguf');
    const metadata = new Map([...file.metadata, ['general.architecture', 'gemma3'] as const]);
    expect(() => ggufConfig({ ...file, metadata }, 'x.gguf')).toThrow(
      'x.gguf: general.architecture is "gemma3", which this engine does not run. Choose a model of llama, qwen2, qwen3.',
    );
    const name = new TextEncoder().encode('blk.0.ffn_down.weight');
    const at = llama.findIndex((_, i) => name.every((byte, j) => llama[i + j] === byte));
    // After the name: the number of dimensions, two of them, then the type.
    expect(() => readGguf(with32(at + name.length + 4 + 16, 10), 'x.gguf')).toThrow(
      /tensor "blk\.0\.ffn_down\.weight" is of ggml type 10, which is not read here\. Choose a file in .*Q4_K/,
    );
    const tensors = new Map([...file.tensors].filter(([key]) => key !== 'blk.1.attn_k.weight'));
    expect(() => ggufWeights({ ...file, tensors }, ggufConfig(file, 'x'), 'x.gguf')).toThrow(
      'x.gguf lacks blk.1.attn_k.weight',
    );
  });
});
