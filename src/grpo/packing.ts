import type { PackedBatch } from '../engine/packing.ts';
import { PrefixTree } from '../engine/prefixTree.ts';
import { isInserted } from '../traces/segments.ts';
import type { Trace } from '../traces/trace.ts';

/** A token that enters the loss: which one of which trace. */
export interface LossToken {
  /** Index of the trace in the list given. */
  readonly trace: number;
  /** Index of the token in the response. */
  readonly token: number;
  /** Which of the batch's predictions gives its logprob. */
  readonly prediction: number;
}

/** Whole rollouts packed, and the rows from which the tokens of the loss are predicted. */
export interface TrainingBatch {
  readonly packed: PackedBatch;
  /** [N] the row before each predicted token; rollouts of a group part where a row repeats. */
  readonly rows: Int32Array;
  /** [N] the token itself. */
  readonly targets: Int32Array;
  /** [M] the tokens of the loss; those that rollouts share have one prediction. */
  readonly tokens: readonly LossToken[];
  /** Tokens of the rollouts, shared ones counted for each. */
  readonly length: number;
}

/**
 * Indices of the response tokens that enter the loss: those the policy wrote, and those of results if they are not masked.
 */
export function lossTokens({ tokens }: Trace, maskResults: boolean): number[] {
  return tokens.ids.flatMap((_, i) =>
    tokens.generated[i] === true || (!maskResults && isInserted(tokens, i)) ? [i] : [],
  );
}

/**
 * Packs prompt and response of traces, in order, into batches of at most `tokensPerBatch` rows (a longer rollout
 * gets a batch of its own). The last token of a sequence is only a target, so it is not run. The head is computed at
 * `rows` alone.
 * @param share rollouts with the same prompt share the rows of what they have in common: their tokens see the same
 *   text, so logprobs are the same, and the gradient of a shared row is the sum of theirs
 * @throws if a trace has tokens for the loss but no prompt to predict the first from
 */
export function packTraces(
  traces: readonly Trace[],
  maskResults: boolean,
  tokensPerBatch: number,
  share: boolean,
): TrainingBatch[] {
  const batches: TrainingBatch[] = [];
  let tree = new PrefixTree();
  let part: Entry[] = [];
  const finish = (): void => {
    if (part.length > 0) batches.push(batchOf(tree, part));
    tree = new PrefixTree();
    part = [];
  };
  const families = new Map<string, number>();
  traces.forEach((trace, index) => {
    const tokens = lossTokens(trace, maskResults);
    const last = tokens.at(-1);
    if (last === undefined) return;
    if (trace.prompt.ids.length === 0) throw new Error(`Trace ${trace.id} has no prompt tokens.`);
    const prompt = trace.prompt.ids.join();
    const family = share ? (families.get(prompt) ?? families.size) : index;
    families.set(prompt, family);
    const ids = [...trace.prompt.ids, ...trace.tokens.ids.slice(0, last)];
    if (tree.tokens + tree.cost(ids, family) > tokensPerBatch) finish();
    tree.add(ids, family);
    part.push({ index, trace, tokens });
  });
  finish();
  return batches;
}

interface Entry {
  readonly index: number;
  readonly trace: Trace;
  /** Its tokens of the loss. */
  readonly tokens: readonly number[];
}

function batchOf(tree: PrefixTree, entries: readonly Entry[]): TrainingBatch {
  const { packed, rows: rowsOf } = tree.pack();
  const rows: number[] = [];
  const targets: number[] = [];
  const tokens: LossToken[] = [];
  const known = new Map<string, number>();
  entries.forEach(({ index, trace, tokens: wanted }, s) => {
    for (const token of wanted) {
      const row = rowsOf[s]?.[trace.prompt.ids.length - 1 + token] ?? 0;
      const target = trace.tokens.ids[token] ?? 0;
      const key = `${row}/${target}`;
      const prediction = known.get(key) ?? rows.length;
      if (prediction === rows.length) {
        known.set(key, prediction);
        rows.push(row);
        targets.push(target);
      }
      tokens.push({ trace: index, token, prediction });
    }
  });
  const length = rowsOf.reduce((sum, list) => sum + list.length, 0);
  return { packed, rows: Int32Array.from(rows), targets: Int32Array.from(targets), tokens, length };
}
