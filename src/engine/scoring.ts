/** Teacher-forced log-probabilities by full forward passes: reference KL, checks, and the alternatives of a token. */
import { EngineError } from './backend.ts';
import type { Decoder } from './decoder.ts';
import { Tape } from './ops/tape.ts';
import { packSequences, planMicroBatches, uploadBatch } from './packing.ts';

export interface ScoredSequence {
  /** Whole sequence, prompt first. */
  readonly ids: ArrayLike<number>;
  /** Index of the first token to score, at least 1. */
  readonly from: number;
}

export interface Scores {
  /** logprob[i] = log p(ids[from+i] | ids before it). */
  readonly logprob: Float32Array;
  /** Entropy in nats of the distribution that token was drawn from. */
  readonly entropy: Float32Array;
}

/**
 * Scores tokens from..end of each sequence under softmax(logits/temperature) (temperature 0, greedy, reads as 1), in
 * packed batches of about `tokenBudget` tokens.
 */
export async function scoreSequences(
  decoder: Decoder,
  sequences: readonly ScoredSequence[],
  temperature: number,
  tokenBudget = 4096,
): Promise<Scores[]> {
  for (const { ids, from } of sequences) {
    if (from < 1 || from > ids.length) {
      throw new EngineError(
        `scores from token ${from} of ${ids.length}: the first token has nothing before it`,
      );
    }
  }
  const scores: Scores[] = [];
  const lengths = sequences.map(({ ids }) => ids.length);
  for (const [from, to] of planMicroBatches(lengths, tokenBudget)) {
    scores.push(...(await scoreBatch(decoder, sequences.slice(from, to), temperature)));
  }
  return scores;
}

async function scoreBatch(
  decoder: Decoder,
  sequences: readonly ScoredSequence[],
  temperature: number,
): Promise<Scores[]> {
  const { rows, targets } = scoredRows(sequences);
  if (rows.length === 0)
    return sequences.map(() => ({ logprob: new Float32Array(0), entropy: new Float32Array(0) }));
  const { backend } = decoder;
  const tape = new Tape(backend, 'infer');
  try {
    const batch = uploadBatch(tape, packSequences(sequences.map(({ ids }) => ids)));
    const rowBuffer = tape.upload(rows);
    const targetBuffer = tape.upload(targets);
    const stream = decoder.forward(tape, batch, true, rowBuffer);
    const output = decoder.score(tape, stream, null, targetBuffer, temperature || 1);
    const [logprob, entropy] = await Promise.all([
      backend.readF32(output.logprob.data),
      backend.readF32(output.entropy.data),
    ]);
    let at = 0;
    return sequences.map(({ ids, from }) => {
      const begin = at;
      at += ids.length - from;
      return { logprob: logprob.slice(begin, at), entropy: entropy.slice(begin, at) };
    });
  } finally {
    tape.release();
  }
}

/**
 * For packed sequences: the row before each scored token (whose hidden state predicts it) and the token itself.
 */
export function scoredRows(sequences: readonly ScoredSequence[]): { rows: Int32Array; targets: Int32Array } {
  const total = sequences.reduce((sum, { ids, from }) => sum + ids.length - from, 0);
  const rows = new Int32Array(total);
  const targets = new Int32Array(total);
  let start = 0;
  let at = 0;
  for (const { ids, from } of sequences) {
    for (let i = from; i < ids.length; i++) {
      rows[at] = start + i - 1;
      targets[at] = ids[i] ?? 0;
      at++;
    }
    start += ids.length;
  }
  return { rows, targets };
}

export interface Alternative {
  readonly id: number;
  readonly logprob: number;
}

/** The k most likely next tokens after `ids`, most likely first, with log-probabilities at the temperature (0 reads as 1). */
export async function topLogprobs(
  decoder: Decoder,
  ids: ArrayLike<number>,
  k: number,
  temperature: number,
): Promise<Alternative[]> {
  const logprobs = await nextLogprobs(decoder, ids, temperature);
  const order = Array.from(logprobs.keys()).sort((a, b) => (logprobs[b] ?? 0) - (logprobs[a] ?? 0) || a - b);
  return order.slice(0, k).map((id) => ({ id, logprob: logprobs[id] ?? NaN }));
}

/** [vocabulary] log-probabilities of all tokens after `ids` at the temperature (0 reads as 1). */
export async function nextLogprobs(
  decoder: Decoder,
  ids: ArrayLike<number>,
  temperature: number,
): Promise<Float64Array> {
  const { backend } = decoder;
  const tape = new Tape(backend, 'infer');
  try {
    const batch = uploadBatch(tape, packSequences([ids]));
    const last = tape.upload(Int32Array.of(ids.length - 1));
    const logits = decoder.logits(tape, decoder.forward(tape, batch, true, last), null);
    return logSoftmax(await backend.readF32(logits.data), temperature || 1);
  } finally {
    tape.release();
  }
}

function logSoftmax(logits: Float32Array, temperature: number): Float64Array {
  let max = -Infinity;
  for (const logit of logits) max = Math.max(max, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp((logit - max) / temperature);
  const lse = max / temperature + Math.log(sum);
  return Float64Array.from(logits, (logit) => logit / temperature - lse);
}
