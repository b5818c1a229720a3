import type { ObjectiveOptions } from './objective.ts';
import { lossTokens, packTraces, type TrainingBatch } from './packing.ts';
import type { TokenRecord } from './tokenRecord.ts';
import { tokenWeight, type MinibatchSize } from './tokenWeight.ts';
import { variantOf, type VariantName } from './variants/variants.ts';

/** A part of the batch that ends in one optimiser step. */
export interface Minibatch {
  /** Those with a gradient; `batches` index into them. */
  readonly records: readonly TokenRecord[];
  readonly batches: readonly TrainingBatch[];
  /** [records] How much each of their tokens counts in the loss. */
  readonly weights: readonly number[];
  /** Tokens of the loss, of all its rollouts. */
  readonly tokenCount: number;
}

export interface MinibatchOptions extends Pick<
  ObjectiveOptions,
  'klWeight' | 'entropyWeight' | 'lldsWeight'
> {
  readonly variant: VariantName;
  readonly maskResults: boolean;
  readonly maxTokens: number;
  readonly tokensPerBatch: number;
}

/** Consecutive parts whose sizes differ by at most one; none is empty. */
export function splitEvenly<T>(items: readonly T[], parts: number): T[][] {
  const count = Math.min(parts, items.length);
  return Array.from({ length: count }, (_, i) =>
    items.slice(Math.floor((i * items.length) / count), Math.floor(((i + 1) * items.length) / count)),
  );
}

/** What the means of a minibatch are over; rollouts without a token of the loss are in none. */
export function minibatchSize(
  records: readonly TokenRecord[],
  maskResults: boolean,
  maxTokens: number,
): MinibatchSize {
  const counts = records
    .map(({ trace }) => lossTokens(trace, maskResults).length)
    .filter((tokens) => tokens > 0);
  return { tokens: counts.reduce((sum, tokens) => sum + tokens, 0), rollouts: counts.length, maxTokens };
}

/**
 * Packs the rollouts of a minibatch that have a gradient, each token weighed by the size of all of it.
 * @param share rollouts with the same prompt share rows (`packTraces`)
 */
export function planMinibatch(
  records: readonly TokenRecord[],
  options: MinibatchOptions,
  share: boolean,
): Minibatch {
  const { maskResults, tokensPerBatch, maxTokens, klWeight, entropyWeight, lldsWeight } = options;
  const { weighing } = variantOf(options.variant);
  const size = minibatchSize(records, maskResults, maxTokens);
  const moves = (record: TokenRecord): boolean =>
    record.advantage !== 0 || klWeight !== 0 || entropyWeight !== 0 || lldsWeight !== 0;
  const active = records.filter(moves);
  const weights = active.map(({ trace }) =>
    tokenWeight(weighing, lossTokens(trace, maskResults).length, size),
  );
  const batches = packTraces(
    active.map(({ trace }) => trace),
    maskResults,
    tokensPerBatch,
    share,
  );
  return { records: active, batches, weights, tokenCount: size.tokens };
}
