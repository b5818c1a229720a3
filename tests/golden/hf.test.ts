/** Folders as transformers saves them, opened by our loader, against what transformers computes from them. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Backend } from '../../src/engine/backend.ts';
import { parseDecoderConfig } from '../../src/engine/config.ts';
import type { Decoder } from '../../src/engine/decoder.ts';
import { Tape } from '../../src/engine/ops/tape.ts';
import { packSequences, uploadBatch } from '../../src/engine/packing.ts';
import { readSafetensors } from '../../src/engine/safetensors.ts';
import { nodeHost } from '../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../src/engine/wasm/wasmBackend.ts';
import { loadWeights } from '../../src/lab/modelFiles.ts';
import { compareNumbers } from './check.ts';

const HF_MODELS = ['llama-f32', 'llama-f16', 'qwen2-bf16', 'qwen3-f16'] as const;

const readerOf = (model: string) => (name: string) =>
  readFile(fileURLToPath(new URL(`./data/hf/${model}/${name}`, import.meta.url)));

describe('models made by transformers', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await createWasmBackend({ host: nodeHost, threads: 1 });
  });
  afterAll(() => {
    backend.dispose();
  });

  const open = async (model: string): Promise<Decoder> => {
    const read = readerOf(model);
    const config = parseDecoderConfig(JSON.parse(String(await read('config.json'))), 'config.json');
    return loadWeights(backend, config, read);
  };

  it.each(HF_MODELS)('%s: logits', async (model) => {
    const read = readerOf(model);
    const expected = readSafetensors(await read('expected.safetensors'), 'expected').tensors;
    const sequences = z.array(z.array(z.number())).parse(JSON.parse(String(await read('sequences.json'))));
    const decoder = await open(model);
    const tape = new Tape(backend, 'infer');
    const batch = uploadBatch(tape, packSequences(sequences));
    const logits = decoder.logits(tape, decoder.forward(tape, batch), null);
    compareNumbers(
      `${model}: logits`,
      await backend.readF32(logits.data),
      expected.get('logits')?.values() ?? [],
    );
    tape.release();
    decoder.parameters.dispose();
  });

  it('without the scaling of Llama 3 the logits are others', async () => {
    const read = readerOf('llama-f32');
    const json = z.looseObject({}).parse(JSON.parse(String(await read('config.json'))));
    const config = parseDecoderConfig({ ...json, rope_parameters: { rope_theta: 200000 } }, 'config.json');
    const expected = readSafetensors(await read('expected.safetensors'), 'expected').tensors;
    const sequences = z.array(z.array(z.number())).parse(JSON.parse(String(await read('sequences.json'))));
    const decoder = await loadWeights(backend, config, read);
    const tape = new Tape(backend, 'infer');
    const batch = uploadBatch(tape, packSequences(sequences));
    const logits = await backend.readF32(decoder.logits(tape, decoder.forward(tape, batch), null).data);
    expect(() => {
      compareNumbers('plain', logits, expected.get('logits')?.values() ?? []);
    }).toThrow(/PyTorch has/);
    tape.release();
    decoder.parameters.dispose();
  });

  it('names the shard that lacks a tensor, and the one file where there is no index', async () => {
    const read = readerOf('qwen2-bf16');
    const index = 'model.safetensors.index.json';
    const config = parseDecoderConfig(JSON.parse(String(await read('config.json'))), 'config.json');
    const moved = String(await read(index)).replace('model-00003-of', 'model-00001-of');
    const wrong = (name: string): Promise<Uint8Array> =>
      name === index ? Promise.resolve(new TextEncoder().encode(moved)) : read(name);
    await expect(loadWeights(backend, config, wrong)).rejects.toThrow(
      /model-00001-of-00003\.safetensors lacks .*which model\.safetensors\.index\.json places there/,
    );
    const none = (name: string): Promise<Uint8Array> => Promise.reject(new Error(`${name} is not there`));
    await expect(loadWeights(backend, config, none)).rejects.toThrow('model.safetensors is not there');
  });
});
