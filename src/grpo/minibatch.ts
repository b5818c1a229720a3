import { lossTokens } from './packing.ts';
import type { TokenRecord } from './tokenRecord.ts';
import type { MinibatchSize } from './tokenWeight.ts';

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
