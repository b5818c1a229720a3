/** Adapters on the models made by transformers: log-probabilities and the factors' gradients against PyTorch's. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/engine/backend.ts';
import { Decoder } from '../../src/engine/decoder.ts';
import { decoderTensors } from '../../src/engine/decoderTensors.ts';
import { loraMatrices, loraTensors } from '../../src/engine/lora.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { readSafetensors } from '../../src/engine/safetensors.ts';
import { nodeHost } from '../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../src/engine/wasm/wasmBackend.ts';
import { adapterFiles, loadAdapter, mergedTensors, parseAdapterConfig } from '../../src/lab/peftAdapter.ts';
import { compareNumbers } from './check.ts';
import { adapted, checkLora, checkQuantisedLora, logitsOf, loraModels, openModel, type Opened } from './loraCheck.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await createWasmBackend({ host: nodeHost, threads: 1 });
});
afterAll(() => {
  backend.dispose();
});

const reader = (model: string) => (name: string) =>
  readFile(fileURLToPath(new URL(`./data/hf/${model}/${name}`, import.meta.url)));

const open = (model: string): Promise<Opened> => openModel(backend, reader(model));

describe('LoRA', () => {
  it.each(loraModels)('%s: PyTorch’s numbers', async (model) => {
    await checkLora(backend, model, reader(model));
  });

  it('halves hold F16 weights exactly, 8 bits nearly; gradients flow through both', async () => {
    await checkQuantisedLora(backend, reader('qwen3-f16'));
  });

  it('is saved as PEFT saves it, copied, and merged into the weights', async () => {
    const opened = await open('qwen2-bf16');
    const { config, options, factors, sequences, tensors } = opened;
    const base = opened.frozen('f32');
    const decoder = adapted(opened, base, false);
    const logits = await logitsOf(decoder, sequences);

    const files = adapterFiles(config, { options, tensors: await factors.toTensors() }, 'qwen2-bf16');
    const stored = await reader('qwen2-bf16')('adapter/adapter_model.safetensors');
    const theirs = readSafetensors(stored, 'stored').tensors;
    const ours = readSafetensors(files.get('adapter_model.safetensors') ?? new Uint8Array(), 'ours').tensors;
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
    for (const [name, tensor] of theirs) expect(ours.get(name)?.values(), name).toEqual(tensor.values());
    expect(parseAdapterConfig(JSON.parse(String(new TextDecoder().decode(files.get('adapter_config.json')))))).toEqual(
      options,
    );

    const merged = new Parameters(backend, decoderTensors(config));
    merged.load(mergedTensors(tensors, config, { options, tensors: await factors.toTensors() }), 'merged');
    compareNumbers('merged', await logitsOf(new Decoder(config, merged), sequences), logits);

    const copy = decoder.copy();
    backend.fill(factors.flat, 0);
    expect(await logitsOf(copy, sequences)).toEqual(logits);
    copy.parameters.dispose();
    merged.dispose();
    base.dispose();
    factors.dispose();
  });

  it('changes nothing before it is trained', async () => {
    const opened = await open('llama-f16');
    const base = opened.frozen('f32');
    const fresh = new Parameters(backend, loraTensors(opened.config, opened.options));
    fresh.initialise(1);
    const decoder = adapted({ ...opened, factors: fresh }, base, false);
    const plain = new Decoder(opened.config, fresh, base);
    expect(await logitsOf(decoder, opened.sequences)).toEqual(await logitsOf(plain, opened.sequences));
    for (const owned of [base, fresh, opened.factors]) owned.dispose();
  });

  it('refuses what it cannot hold, in words', async () => {
    const config = { peft_type: 'LORA', r: 4, lora_alpha: 8, target_modules: ['q_proj'] };
    expect(parseAdapterConfig(config)).toEqual({ rank: 4, alpha: 8, targets: ['q_proj'] });
    expect(() => parseAdapterConfig({ ...config, use_dora: true })).toThrow(/use_dora: DoRA is not read here/);
    expect(() => parseAdapterConfig({ ...config, peft_type: 'IA3' })).toThrow(/peft_type: is not LORA/);
    const { config: model, factors } = await open('llama-f32');
    factors.dispose();
    expect(() => loraMatrices(model, { rank: 2, alpha: 2, targets: ['lm_head'] })).toThrow(
      'LoRA targets: lm_head. Choose among q_proj',
    );
    const other = (name: string): Promise<Uint8Array> => reader('llama-f16')(`adapter/${name}`);
    await expect(loadAdapter(backend, { ...model, layers: 3 }, other)).rejects.toThrow(
      /adapter_model\.safetensors lacks .*layers\.2.*it is of another model, or not whole/,
    );
  });
});
