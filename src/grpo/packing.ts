import { packSequences, planMicroBatches, type PackedBatch } from '../engine/packing.ts';
import type { Trace } from '../traces/trace.ts';

/** A token that enters the loss: which one of which trace. */
export interface LossToken {
  /** Index of the trace in the list given. */
  readonly trace: number;
  /** Index of the token in the response. */
  readonly token: number;
}

/** Whole rollouts laid end to end, and the rows from which the tokens of the loss are predicted. */
export interface TrainingBatch {
  readonly packed: PackedBatch;
  /** [N] the row before each token of the loss. */
  readonly rows: Int32Array;
  /** [N] the token itself. */
  readonly targets: Int32Array;
  /** [N] where each comes from. */
  readonly tokens: readonly LossToken[];
}

/** Indices of the response tokens that enter the loss: those the policy wrote, or all if results are not masked. */
export function lossTokens({ tokens }: Trace, maskResults: boolean): number[] {
  return tokens.ids.flatMap((_, i) => (!maskResults || tokens.generated[i] === true ? [i] : []));
}

/**
 * Packs prompt and response of traces, in order, into batches of at most `tokensPerBatch` tokens (a longer rollout
 * gets a batch of its own). The last token of a sequence is only a target, so it is not run. The head is computed at
 * `rows` alone.
 * @throws if a trace has tokens for the loss but no prompt to predict the first from
 */
export function packTraces(
  traces: readonly Trace[],
  maskResults: boolean,
  tokensPerBatch: number,
): TrainingBatch[] {
  const entries = traces.flatMap((trace, index) => {
    const tokens = lossTokens(trace, maskResults);
    const last = tokens.at(-1);
    if (last === undefined) return [];
    if (trace.prompt.ids.length === 0) throw new Error(`Trace ${trace.id} has no prompt tokens.`);
    const ids = [...trace.prompt.ids, ...trace.tokens.ids.slice(0, last)];
    return [{ index, trace, tokens, ids }];
  });
  const lengths = entries.map(({ ids }) => ids.length);
  return planMicroBatches(lengths, tokensPerBatch).map(([from, to]) => {
    const part = entries.slice(from, to);
    const packed = packSequences(part.map(({ ids }) => ids));
    const rows: number[] = [];
    const targets: number[] = [];
    const tokens: LossToken[] = [];
    part.forEach((entry, s) => {
      const first = (packed.starts[s] ?? 0) + entry.trace.prompt.ids.length - 1;
      for (const token of entry.tokens) {
        rows.push(first + token);
        targets.push(entry.trace.tokens.ids[token] ?? 0);
        tokens.push({ trace: entry.index, token });
      }
    });
    return { packed, rows: Int32Array.from(rows), targets: Int32Array.from(targets), tokens };
  });
}
