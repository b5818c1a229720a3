/**
 * Checks a backend's whole model against PyTorch: logits, log-probabilities, gradients, two AdamW steps, and the
 * same weights read as a bidirectional encoder. Runs wherever a backend does; the files are handed in.
 */
import { z } from 'zod';
import type { Backend } from '../../src/engine/backend.ts';
import { parseDecoderConfig } from '../../src/engine/config.ts';
import { Decoder } from '../../src/engine/decoder.ts';
import { decoderTensors } from '../../src/engine/decoderTensors.ts';
import { segmentMean } from '../../src/engine/ops/rows.ts';
import { Tape, type Value } from '../../src/engine/ops/tape.ts';
import { packSequences, uploadBatch } from '../../src/engine/packing.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { readSafetensors } from '../../src/engine/safetensors.ts';
import { scoredRows } from '../../src/engine/scoring.ts';
import type { NamedTensors } from '../../src/engine/tensors.ts';
import { TrainState } from '../../src/engine/trainState.ts';

export const goldenModels = ['llama', 'qwen2', 'qwen3'] as const;

/** The three files of one model in tests/golden/data. */
export interface GoldenFiles {
  readonly name: string;
  readonly json: unknown;
  readonly weights: Uint8Array;
  readonly expected: Uint8Array;
}

const numbers = z.array(z.number());
const caseSchema = z.object({
  config: z.unknown(),
  sequences: z.array(numbers),
  scoredFrom: numbers,
  temperature: z.number(),
  logprobSeed: numbers,
  entropySeed: numbers,
  update: z.object({
    learningRate: z.number(),
    betas: z.tuple([z.number(), z.number()]),
    epsilon: z.number(),
    weightDecay: z.number(),
    maxGradNorm: z.number(),
  }),
  gradNorms: numbers,
});

/** Throws an Error naming the first number that is off. */
export async function checkGolden(backend: Backend, files: GoldenFiles): Promise<void> {
  const golden = caseSchema.parse(files.json);
  const config = parseDecoderConfig(golden.config, `${files.name}.json`);
  const expected = readSafetensors(files.expected, `${files.name}.expected.safetensors`).tensors;
  const parameters = new Parameters(backend, decoderTensors(config));
  const train = new TrainState(parameters);
  const model = new Decoder(config, parameters);
  const load = (): void =>
    parameters.load(readSafetensors(files.weights, files.name).tensors, `${files.name}.weights.safetensors`);
  const compare = makeComparison(files.name, expected);
  try {
    load();
    await withTape(backend, 'infer', async (tape) => {
      const batch = uploadBatch(tape, packSequences(golden.sequences));
      const logits = model.logits(tape, model.forward(tape, batch), null);
      compare('logits', await backend.readF32(logits.data));
    });

    const sequences = golden.sequences.map((ids, s) => ({ ids, from: golden.scoredFrom[s] ?? 1 }));
    const accumulate = (): Promise<void> =>
      withTape(backend, 'record', async (tape) => {
        const batch = uploadBatch(tape, packSequences(golden.sequences));
        const { rows, targets } = scoredRows(sequences);
        const [rowBuffer, targetBuffer] = [tape.upload(rows), tape.upload(targets)];
        const stream = model.forward(tape, batch);
        const { logprob, entropy } = model.score(tape, stream, rowBuffer, targetBuffer, golden.temperature);
        if (train.step === 0) {
          compare('logprob', await backend.readF32(logprob.data));
          compare('entropy', await backend.readF32(entropy.data));
        }
        tape.backward([
          { value: logprob, gradient: Float32Array.from(golden.logprobSeed) },
          { value: entropy, gradient: Float32Array.from(golden.entropySeed) },
        ]);
      });
    const compareGradients = async (prefix: string): Promise<void> => {
      const grads = parameters.tensorsOf(await backend.readF32(train.grads));
      for (const [name, tensor] of grads) compare(`${prefix}.${name}`, tensor.values());
    };
    for (const [step, norm] of golden.gradNorms.entries()) {
      await accumulate();
      if (step === 0) await compareGradients('grad');
      const actual = await train.update(golden.update);
      compareNumbers(`${files.name}: gradient norm of step ${step}`, [actual], [norm]);
    }
    for (const [name, tensor] of await parameters.toTensors()) compare(`after.${name}`, tensor.values());

    load();
    await withTape(backend, 'record', async (tape) => {
      const batch = uploadBatch(tape, packSequences(golden.sequences));
      const hidden: Value = model.hidden(tape, model.forward(tape, batch, false), null);
      const pooled = segmentMean(tape, hidden, batch.starts);
      compare('pooled', await backend.readF32(pooled.data));
      tape.backward([{ value: pooled, gradient: tensorValues(expected, 'pooledSeed') }]);
      await compareGradients('encoderGrad');
    });
  } finally {
    train.dispose();
    parameters.dispose();
  }
}

async function withTape(
  backend: Backend,
  mode: 'record' | 'infer',
  body: (tape: Tape) => Promise<void>,
): Promise<void> {
  const tape = new Tape(backend, mode);
  try {
    await body(tape);
  } finally {
    tape.release();
  }
}

function tensorValues(tensors: NamedTensors, name: string): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`the golden file has no ${name}`);
  return tensor.values();
}

function makeComparison(model: string, expected: NamedTensors): (name: string, actual: Float32Array) => void {
  return (name, actual) => compareNumbers(`${model}: ${name}`, actual, tensorValues(expected, name));
}

/** Within 2e-4 of the tensor's own scale (its root mean square, at least 1e-2), element by element. */
export function compareNumbers(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  if (actual.length !== expected.length) {
    throw new Error(`${name}: ${actual.length} numbers, expected ${expected.length}`);
  }
  let squares = 0;
  for (let i = 0; i < expected.length; i++) squares += (expected[i] ?? 0) ** 2;
  const tolerance = 2e-4 * Math.max(1e-2, Math.sqrt(squares / expected.length));
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] ?? NaN, expected[i] ?? NaN];
    // Written so that NaN fails.
    if (!(Math.abs(a - e) <= tolerance + 2e-4 * Math.abs(e))) {
      throw new Error(`${name}[${i}] is ${a}, PyTorch has ${e} (tolerance ${tolerance})`);
    }
  }
}
