/** Adapters on the models made by transformers, wherever a backend runs; the files are handed in. */
import { z } from 'zod';
import type { Backend } from '../../src/engine/backend.ts';
import { parseDecoderConfig } from '../../src/engine/config.ts';
import { Decoder } from '../../src/engine/decoder.ts';
import { FrozenWeights, type WeightKind } from '../../src/engine/frozenWeights.ts';
import { factorNames, loraMatrices, LoraWeights } from '../../src/engine/lora.ts';
import { Tape } from '../../src/engine/ops/tape.ts';
import { packSequences, uploadBatch } from '../../src/engine/packing.ts';
import { readSafetensors } from '../../src/engine/safetensors.ts';
import { scoredRows } from '../../src/engine/scoring.ts';
import { TrainState } from '../../src/engine/trainState.ts';
import { loadAdapter } from '../../src/lab/peftAdapter.ts';
import { readWeights } from '../../src/lab/shards.ts';
import { expectSameBits } from '../kernels/cases/kit.ts';
import { compareNumbers } from './check.ts';

export const loraModels = ['llama-f32', 'llama-f16', 'qwen2-bf16', 'qwen3-f16'] as const;

/** A file of a model's folder, by its name. */
export type ModelFile = (name: string) => Promise<Uint8Array>;

const sequencesSchema = z.array(z.array(z.number()));

export async function openModel(backend: Backend, read: ModelFile) {
  const json = async (name: string): Promise<unknown> => JSON.parse(new TextDecoder().decode(await read(name)));
  const config = parseDecoderConfig(await json('config.json'), 'config.json');
  const sequences = sequencesSchema.parse(await json('sequences.json'));
  const expected = readSafetensors(await read('expected.safetensors'), 'expected').tensors;
  const want = (name: string): Float32Array => expected.get(name)?.values() ?? new Float32Array(0);
  const tensors = await readWeights(read, 'model.safetensors');
  const adapter = await loadAdapter(backend, config, (name) => read(`adapter/${name}`));
  const frozen = (kind: WeightKind): FrozenWeights =>
    new FrozenWeights(backend, config, tensors, kind, 'model.safetensors');
  return { backend, config, sequences, want, tensors, frozen, ...adapter };
}
export type Opened = Awaited<ReturnType<typeof openModel>>;

export function adapted({ config, factors, options }: Opened, base: FrozenWeights, checkpointing: boolean): Decoder {
  return new Decoder(config, factors, new LoraWeights(base, factors, config, options), { checkpointing });
}

export async function logitsOf(decoder: Decoder, sequences: readonly number[][]): Promise<Float32Array> {
  const { backend } = decoder.parameters;
  const tape = new Tape(backend, 'infer');
  try {
    const batch = uploadBatch(tape, packSequences(sequences));
    return await backend.readF32(decoder.logits(tape, decoder.forward(tape, batch), null).data);
  } finally {
    tape.release();
  }
}

/** Log-probabilities of all tokens but the first of each sequence, and the factors' gradients. */
export async function gradients(decoder: Decoder, { backend, sequences, want, factors }: Opened) {
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

/** PyTorch's log-probabilities and gradients of the factors; with layers run again, the same bits. */
export async function checkLora(backend: Backend, model: string, read: ModelFile): Promise<void> {
  const opened = await openModel(backend, read);
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
  expectSameBits(`${model}: logprob again`, again.logprobs, found.logprobs);
  for (const [name, tensor] of found.grads) {
    expectSameBits(`${name} again`, again.grads.get(name)?.values() ?? new Float32Array(), tensor.values());
  }
  const kept = backend.memory().bytes - before;
  if (kept > 2 ** 20) throw new Error(`${kept} bytes were kept after two gradients`);

  // Without the adapter the model is the base.
  compareNumbers('reference', await logitsOf(new Decoder(config, factors, base), sequences), want('logits'));
  base.dispose();
  factors.dispose();
}

/** Halves hold a model of halves exactly, 8 bits nearly; gradients flow through both. */
export async function checkQuantisedLora(backend: Backend, read: ModelFile): Promise<void> {
  const opened = await openModel(backend, read);
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
  const most = Math.max(...apart);
  if (!(most > 0 && most < 0.5)) throw new Error(`logprobs with 8 bits differ by at most ${most}`);
  for (const base of [whole, halves, bytes]) base.dispose();
  opened.factors.dispose();
}
