/** Adapters on the models made by transformers: log-probabilities and the factors' gradients against PyTorch's. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Backend } from '../../src/engine/backend.ts';
import { parseDecoderConfig } from '../../src/engine/config.ts';
import { Decoder, decoderTensors } from '../../src/engine/decoder.ts';
import { FrozenWeights, type WeightKind } from '../../src/engine/frozenWeights.ts';
import { factorNames, loraMatrices, loraTensors, LoraWeights } from '../../src/engine/lora.ts';
import { Tape } from '../../src/engine/ops/tape.ts';
import { packSequences, uploadBatch } from '../../src/engine/packing.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { readSafetensors } from '../../src/engine/safetensors.ts';
import { scoredRows } from '../../src/engine/scoring.ts';
import { TrainState } from '../../src/engine/trainState.ts';
import { nodeHost } from '../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../src/engine/wasm/wasmBackend.ts';
import { adapterFiles, loadAdapter, mergedTensors, parseAdapterConfig } from '../../src/lab/peftAdapter.ts';
import { readWeights } from '../../src/lab/shards.ts';
import { compareNumbers } from './check.ts';

const sequencesSchema = z.array(z.array(z.number()));
let backend: Backend;
beforeAll(async () => {
  backend = await createWasmBackend({ host: nodeHost, threads: 1 });
});
afterAll(() => {
  backend.dispose();
});

const reader = (model: string) => (name: string) =>
  readFile(fileURLToPath(new URL(`./data/hf/${model}/${name}`, import.meta.url)));

async function open(model: string) {
  const read = reader(model);
  const config = parseDecoderConfig(JSON.parse(String(await read('config.json'))), 'config.json');
  const sequences = sequencesSchema.parse(JSON.parse(String(await read('sequences.json'))));
  const expected = readSafetensors(await read('expected.safetensors'), 'expected').tensors;
  const want = (name: string): Float32Array => expected.get(name)?.values() ?? new Float32Array(0);
  const tensors = await readWeights(read, 'model.safetensors');
  const adapter = await loadAdapter(backend, config, (name) => read(`adapter/${name}`));
  const frozen = (kind: WeightKind): FrozenWeights =>
    new FrozenWeights(backend, config, tensors, kind, 'model.safetensors');
  return { config, sequences, want, tensors, frozen, ...adapter };
}
type Opened = Awaited<ReturnType<typeof open>>;

function adapted({ config, factors, options }: Opened, base: FrozenWeights, checkpointing: boolean): Decoder {
  return new Decoder(config, factors, new LoraWeights(base, factors, config, options), { checkpointing });
}

async function logitsOf(decoder: Decoder, sequences: readonly number[][]): Promise<Float32Array> {
  const tape = new Tape(backend, 'infer');
  try {
    const batch = uploadBatch(tape, packSequences(sequences));
    return await backend.readF32(decoder.logits(tape, decoder.forward(tape, batch), null).data);
  } finally {
    tape.release();
  }
}

/** Log-probabilities of all tokens but the first of each sequence, and the factors' gradients. */
async function gradients(decoder: Decoder, { sequences, want, factors }: Opened) {
  const train = new TrainState(factors);
  const tape = new Tape(backend, 'record');
  try {
    const batch = uploadBatch(tape, packSequences(sequences));
    const { rows, targets } = scoredRows(sequences.map((ids) => ({ ids, from: 1 })));
    const [rowBuffer, targetBuffer] = [tape.upload(rows), tape.upload(targets)];
    const stream = decoder.forward(tape, batch);
    const { logprob } = decoder.score(tape, stream, rowBuffer, targetBuffer, 1);
    const logprobs = await backend.readF32(logprob.data);
    tape.backward([{ value: logprob, gradient: want('logprobSeed') }]);
    return { logprobs, grads: factors.tensorsOf(await backend.readF32(train.grads)) };
  } finally {
    tape.release();
    train.dispose();
  }
}

describe('LoRA', () => {
  it.each(['llama-f32', 'llama-f16', 'qwen2-bf16', 'qwen3-f16'])('%s: PyTorch’s numbers', async (model) => {
    const opened = await open(model);
    const { config, options, want, sequences, factors } = opened;
    const base = opened.frozen('f32');
    const before = backend.memory().bytes;
    const found = await gradients(adapted(opened, base, false), opened);
    compareNumbers(`${model}: logprob`, found.logprobs, want('logprob'));
    for (const { name, rows } of loraMatrices(config, options)) {
      const { a, b } = factorNames(name);
      const theirs = `grad.base_model.model.${name.replace(/\.weight$/, '')}`;
      compareNumbers(a, found.grads.get(a)?.values() ?? [], want(`${theirs}.lora_A.weight`));
      const ours = found.grads.get(b)?.values() ?? new Float32Array(0);
      const columns = Float32Array.from(
        { length: ours.length },
        (_, i) => ours[(i % options.rank) * rows + Math.floor(i / options.rank)] ?? 0,
      );
      compareNumbers(b, columns, want(`${theirs}.lora_B.weight`));
    }
    // Layers run again for their gradient give the same bits.
    const again = await gradients(adapted(opened, base, true), opened);
    expect(again.logprobs).toEqual(found.logprobs);
    for (const [name, tensor] of found.grads) expect(again.grads.get(name)?.values(), name).toEqual(tensor.values());
    expect(backend.memory().bytes).toBeLessThanOrEqual(before + 2 ** 20);

    // Without the adapter the model is the base.
    compareNumbers('reference', await logitsOf(new Decoder(config, factors, base), sequences), want('logits'));
    base.dispose();
    factors.dispose();
  });

  it('halves hold F16 weights exactly, 8 bits nearly; gradients flow through both', async () => {
    const opened = await open('qwen3-f16');
    const whole = opened.frozen('f32');
    const halves = opened.frozen('f16');
    const bytes = opened.frozen('int8');
    const exact = await gradients(adapted(opened, whole, true), opened);
    const same = await gradients(adapted(opened, halves, true), opened);
    compareNumbers('logprob', same.logprobs, exact.logprobs);
    for (const [name, tensor] of exact.grads) {
      compareNumbers(name, same.grads.get(name)?.values() ?? [], tensor.values());
    }
    const near = await gradients(adapted(opened, bytes, true), opened);
    const apart = near.logprobs.map((value, i) => Math.abs(value - (exact.logprobs[i] ?? NaN)));
    expect(Math.max(...apart)).toBeLessThan(0.5);
    expect(Math.max(...apart)).toBeGreaterThan(0);
    for (const base of [whole, halves, bytes]) base.dispose();
    opened.factors.dispose();
  });

  it('is saved as PEFT saves it, copied, and merged into the weights', async () => {
    const opened = await open('qwen2-bf16');
    const { config, options, factors, sequences, tensors } = opened;
    const base = opened.frozen('f32');
    const decoder = adapted(opened, base, false);
    const logits = await logitsOf(decoder, sequences);

    const files = await adapterFiles(config, options, factors, 'qwen2-bf16');
    const stored = await reader('qwen2-bf16')('adapter/adapter_model.safetensors');
    const theirs = readSafetensors(stored, 'stored').tensors;
    const ours = readSafetensors(files.get('adapter_model.safetensors') ?? new Uint8Array(), 'ours').tensors;
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
    for (const [name, tensor] of theirs) expect(ours.get(name)?.values(), name).toEqual(tensor.values());
    expect(parseAdapterConfig(JSON.parse(String(new TextDecoder().decode(files.get('adapter_config.json')))))).toEqual(
      options,
    );

    const merged = new Parameters(backend, decoderTensors(config));
    merged.load(await mergedTensors(tensors, config, options, factors), 'merged');
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
