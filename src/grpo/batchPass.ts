import type { Decoder } from '../engine/decoder.ts';
import { Tape } from '../engine/ops/tape.ts';
import { uploadBatch } from '../engine/packing.ts';
import { actionsOf } from './actions.ts';
import type { Minibatch } from './minibatch.ts';
import { grpoObjective, type ObjectiveOptions, type ObjectiveOutput } from './objective.ts';
import type { TrainingBatch } from './packing.ts';
import type { TokenRecord } from './tokenRecord.ts';
import { variantOf, type VariantName } from './variants/variants.ts';

export interface PassOptions extends ObjectiveOptions {
  readonly variant: VariantName;
  /** Of the rollouts: the probabilities are those that were sampled from. */
  readonly temperature: number;
}

export interface PassResult {
  readonly output: ObjectiveOutput;
  /** Largest |logπ − logπ_old| of the batch's tokens. */
  readonly oldGap: number;
}

/**
 * Forward and objective of one packed batch of a minibatch, noted in its records, and backward where that is recorded
 * and the loss is finite: the gradient is added to what the parameters have.
 */
export async function passBatch(
  decoder: Decoder,
  batch: TrainingBatch,
  part: Minibatch,
  options: PassOptions,
  mode: 'record' | 'infer',
): Promise<PassResult> {
  const { backend } = decoder;
  const tape = new Tape(backend, mode);
  try {
    const device = uploadBatch(tape, batch.packed);
    const rows = tape.upload(batch.rows);
    const targets = tape.upload(batch.targets);
    const stream = decoder.forward(tape, device, true, rows);
    const head = decoder.score(tape, stream, null, targets, options.temperature);
    const [logprobs, entropies] = await Promise.all([
      backend.readF32(head.logprob.data),
      backend.readF32(head.entropy.data),
    ]);
    const result = judgeBatch(batch, part, { logprobs, entropies }, options);
    const { output } = result;
    if (mode === 'infer' || !Number.isFinite(output.loss)) return result;
    const seeds = [{ value: head.logprob, gradient: gradientOf(batch, output.dLogprob) }];
    if (options.entropyWeight !== 0) {
      seeds.push({ value: head.entropy, gradient: gradientOf(batch, output.dEntropy) });
    }
    tape.backward(seeds);
    return result;
  } finally {
    tape.release();
  }
}

/** The objective over a packed batch, noted in the records. @param found [predictions] what the policy gives each */
function judgeBatch(
  batch: TrainingBatch,
  part: Minibatch,
  found: { readonly logprobs: Float32Array; readonly entropies: Float32Array },
  options: PassOptions,
): PassResult {
  const ofTokens = (values: Float32Array): Float64Array =>
    Float64Array.from(batch.tokens, ({ prediction }) => values[prediction] ?? NaN);
  const at = (of: (record: TokenRecord, token: number) => number | null | undefined): Float64Array =>
    Float64Array.from(batch.tokens, ({ trace, token }) => {
      const record = part.records[trace];
      return (record === undefined ? null : of(record, token)) ?? NaN;
    });
  const withReference = options.klWeight !== 0;
  const logprobs = ofTokens(found.logprobs);
  const oldLogprobs = at((record, token) => record.old[token]);
  const output = grpoObjective(
    {
      logprobs,
      oldLogprobs,
      entropies: ofTokens(found.entropies),
      advantages: at((record) => record.advantage),
      ...(withReference ? { refLogprobs: at((record, token) => record.reference[token]) } : {}),
      rollouts: Int32Array.from(batch.tokens, ({ trace }) => trace),
      actions: actionsOf(batch.tokens),
      weights: Float64Array.from(batch.tokens, ({ trace }) => part.weights[trace] ?? NaN),
    },
    options,
    variantOf(options.variant),
  );
  let oldGap = 0;
  batch.tokens.forEach(({ trace, token }, i) => {
    const logprob = logprobs[i] ?? NaN;
    oldGap = Math.max(oldGap, Math.abs(logprob - (oldLogprobs[i] ?? NaN)));
    part.records[trace]?.note(token, {
      logprob,
      ratio: output.ratios[i] ?? NaN,
      clipped: output.clipped[i] ?? false,
      kl: withReference ? (output.kls[i] ?? NaN) : null,
    });
  });
  return { output, oldGap };
}

/** From the loss tokens to the predictions that they share. */
function gradientOf({ rows, tokens }: TrainingBatch, ofTokens: Float64Array): Float32Array {
  const sums = new Float64Array(rows.length);
  tokens.forEach(({ prediction }, i) => {
    sums[prediction] = (sums[prediction] ?? 0) + (ofTokens[i] ?? NaN);
  });
  return Float32Array.from(sums);
}
