import type { Decoder } from '../engine/decoder.ts';
import { scoreSequences } from '../engine/scoring.ts';
import { lossTokens } from './packing.ts';
import type { TokenRecord } from './tokenRecord.ts';

export interface ScoringOptions {
  readonly temperature: number;
  readonly tokensPerBatch: number;
  readonly maskResults: boolean;
}

/**
 * Fills in the old logprobs of tokens of the loss that nobody sampled (results, when they are not masked), under the
 * policy as it is before the update. Runs nothing where none is missing.
 */
export async function scoreOld(
  decoder: Decoder,
  records: readonly TokenRecord[],
  options: ScoringOptions,
): Promise<void> {
  const missing = records.filter(({ trace, old }) =>
    lossTokens(trace, options.maskResults).some((token) => (old[token] ?? null) === null),
  );
  const scores = await responseLogprobs(decoder, missing, options);
  missing.forEach((record, i) => {
    scores[i]?.forEach((logprob, token) => {
      record.old[token] ??= logprob;
    });
  });
}

/** Fills in the logprobs of all response tokens under the reference policy. */
export async function scoreReference(
  reference: Decoder,
  records: readonly TokenRecord[],
  options: ScoringOptions,
): Promise<void> {
  const scores = await responseLogprobs(reference, records, options);
  records.forEach((record, i) => {
    scores[i]?.forEach((logprob, token) => {
      record.reference[token] = logprob;
    });
  });
}

async function responseLogprobs(
  decoder: Decoder,
  records: readonly TokenRecord[],
  { temperature, tokensPerBatch }: ScoringOptions,
): Promise<Float32Array[]> {
  const sequences = records.map(({ trace }) => ({
    ids: [...trace.prompt.ids, ...trace.tokens.ids],
    from: trace.prompt.ids.length,
  }));
  const scores = await scoreSequences(decoder, sequences, temperature, tokensPerBatch);
  return scores.map(({ logprob }) => logprob);
}
