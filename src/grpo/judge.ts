import type { Trace } from '../traces/trace.ts';
import { actionsOf } from './actions.ts';
import { minibatchSize, splitEvenly } from './minibatch.ts';
import { grpoObjective, type ObjectiveOptions } from './objective.ts';
import { lossTokens } from './packing.ts';
import { recordsOf } from './records.ts';
import type { TokenRecord } from './tokenRecord.ts';
import { tokenWeight } from './tokenWeight.ts';
import { variantOf, type VariantName } from './variants/variants.ts';

/**
 * The objective of an update on the host, from what its traces hold: what another variant would have made of the same
 * rollouts needs no engine.
 */

export interface JudgeOptions extends ObjectiveOptions {
  readonly variant: VariantName;
  readonly divideByStd: boolean;
  readonly maskResults: boolean;
  readonly minibatches: number;
  readonly epochs: number;
  readonly maxTokens: number;
}

export interface JudgedToken {
  readonly ratio: number;
  readonly clipped: boolean;
  readonly kl: number;
  /** −loss of the token before its weight: what is maximised. */
  readonly objective: number;
  /** −∂loss/∂logπ: above 0 the update makes the token likelier. */
  readonly slope: number;
  /** −∂loss/∂(the token's own logit) = slope · (1 − π): a token that is certain cannot be pushed. */
  readonly push: number;
}

export interface JudgedRollout {
  readonly advantage: number;
  /** Neither trained on nor counted in any mean. */
  readonly leftOut: boolean;
  /** Share of each of its tokens in the loss. */
  readonly weight: number;
  /** [response tokens] null for those outside the loss, or without a known probability. */
  readonly tokens: readonly (JudgedToken | null)[];
}

/**
 * Judges rewarded groups. Where a trace does not hold a token's probability under the policy that is trained, the
 * sampled one stands for it (ratio 1): before the first optimiser step both are the same policy.
 * @throws when a trace has no reward
 */
export function judge(groups: readonly (readonly Trace[])[], options: JudgeOptions): JudgedRollout[][] {
  const variant = variantOf(options.variant);
  const { records, trained } = recordsOf(groups, variant, options);
  const found = new Map<TokenRecord, JudgedRollout>();
  splitEvenly(trained, options.minibatches).forEach((part, p) => {
    // As in the update: until the first optimiser step what LLDS would see is rounding.
    const late = p > 0 || options.epochs > 1;
    judgePart(part, { ...options, lldsWeight: late ? options.lldsWeight : 0 }, found);
  });
  return records.map((group) =>
    group.map(
      (record) =>
        found.get(record) ?? {
          advantage: record.advantage,
          leftOut: true,
          weight: 0,
          tokens: record.trace.tokens.ids.map(() => null),
        },
    ),
  );
}

function judgePart(
  part: readonly TokenRecord[],
  options: JudgeOptions,
  found: Map<TokenRecord, JudgedRollout>,
): void {
  const { maskResults, maxTokens } = options;
  const variant = variantOf(options.variant);
  const size = minibatchSize(part, maskResults, maxTokens);
  const weights = part.map(({ trace }) =>
    tokenWeight(variant.weighing, lossTokens(trace, maskResults).length, size),
  );
  const tokens = part.flatMap((record, trace) =>
    lossTokens(record.trace, maskResults)
      .filter((token) => currentOf(record, token) !== null)
      .map((token) => ({ trace, token, prediction: 0 })),
  );
  const column = (of: (record: TokenRecord, token: number) => number | null | undefined): Float64Array =>
    Float64Array.from(tokens, ({ trace, token }) => {
      const record = part[trace];
      return (record === undefined ? null : of(record, token)) ?? NaN;
    });
  const references = column(({ trace }, token) => trace.tokens.refLogprobs?.[token]);
  const withReference = options.klWeight !== 0 && references.every((logprob) => !Number.isNaN(logprob));
  const logprobs = column(currentOf);
  const output = grpoObjective(
    {
      logprobs,
      oldLogprobs: column((record, token) => record.old[token] ?? currentOf(record, token)),
      entropies: column(({ trace }, token) => trace.tokens.entropies?.[token] ?? 0),
      advantages: column(({ advantage }) => advantage),
      ...(withReference ? { refLogprobs: references } : {}),
      rollouts: Int32Array.from(tokens, ({ trace }) => trace),
      actions: actionsOf(tokens),
      weights: Float64Array.from(tokens, ({ trace }) => weights[trace] ?? NaN),
    },
    { ...options, klWeight: withReference ? options.klWeight : 0 },
    variant,
  );
  const columns = part.map(({ trace }) => trace.tokens.ids.map((): JudgedToken | null => null));
  tokens.forEach(({ trace, token }, i) => {
    const column = columns[trace];
    if (column === undefined) return;
    column[token] = {
      ratio: output.ratios[i] ?? NaN,
      clipped: output.clipped[i] ?? false,
      kl: output.kls[i] ?? NaN,
      // `0 −` keeps a zero from turning into −0, which would be written with a sign.
      objective: 0 - (output.tokenLosses[i] ?? NaN),
      slope: 0 - (output.dLogprob[i] ?? NaN),
      push: (0 - (output.dLogprob[i] ?? NaN)) * (1 - Math.exp(logprobs[i] ?? NaN)),
    };
  });
  part.forEach((record, i) =>
    found.set(record, {
      advantage: record.advantage,
      leftOut: false,
      weight: weights[i] ?? NaN,
      tokens: columns[i] ?? [],
    }),
  );
}

/** log π under the policy that is trained. */
const currentOf = ({ trace, old }: TokenRecord, token: number): number | null =>
  trace.tokens.currentLogprobs?.[token] ?? old[token] ?? null;
