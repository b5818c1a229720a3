import type { Policy, PolicyToken } from '../policy/policy.ts';
import type { RetrievedPassage } from '../retrieval/retriever.ts';
import type { Beginning } from '../traces/beginning.ts';
import { TraceBuilder } from '../traces/builder.ts';
import type { StopReason, Trace } from '../traces/trace.ts';
import { parseQuery, type ParsedQuery } from './query.ts';
import { encodeResult, foundText } from './resultBlock.ts';
import { overlongPenalty, rewardOf, rewardText } from './reward.ts';
import type { RolloutOptions, RolloutTask } from './rolloutOptions.ts';
import { goldPassages, tracePassage, traceQuestion } from './traceParts.ts';

/** What a rollout needs next. */
export type NextMove =
  | { readonly kind: 'go on' }
  | { readonly kind: 'search'; readonly query: ParsedQuery }
  | { readonly kind: 'end'; readonly stop: StopReason };

/** One rollout under way: what it has written, and what its searches bring. Knows nothing of the batch. */
export class RunningRollout {
  readonly task: RolloutTask;
  private readonly policy: Policy;
  private readonly options: RolloutOptions;
  private readonly builder: TraceBuilder;
  private readonly gold: ReadonlySet<string> | undefined;
  private readonly started = performance.now();

  constructor(policy: Policy, task: RolloutTask, prompt: readonly number[], options: RolloutOptions) {
    const { question, group, rollout } = task;
    this.task = task;
    this.policy = policy;
    this.options = options;
    this.gold = goldPassages(question);
    const head = {
      id: `${options.label}/${group}.${rollout}`,
      question: traceQuestion(question),
      prompt: { text: policy.tokenizer.decode(prompt), ids: prompt },
      policy: policy.name,
      group,
      rollout,
      seed: options.seed,
      ...(options.step === undefined ? {} : { step: options.step }),
    };
    this.builder = new TraceBuilder(head, (ids) => policy.tokenizer.tokenTexts(ids));
    const { opening } = options.format;
    if (task.begun !== undefined) this.builder.begin(task.begun);
    else if (opening !== undefined) this.builder.give(policy.tokenizer.encode(opening));
  }

  /** Ids written since the last result, or since the start. */
  sinceResult(): readonly number[] {
    return this.builder.sinceResult();
  }

  /** All so far, for a rollout that goes on from here. */
  beginning(): Beginning {
    return this.builder.beginning();
  }

  /** Takes the policy's next token. */
  write(token: PolicyToken): NextMove {
    const { maxTokens, maxSearches } = this.options;
    this.builder.write(token);
    if (token.stopped === 'eos') return { kind: 'end', stop: 'eos' };
    if (token.stopped === 'length' || this.builder.length >= maxTokens)
      return { kind: 'end', stop: 'length' };
    if (token.stopped === undefined) return { kind: 'go on' };
    if (maxSearches > 0 && this.builder.searchCount >= maxSearches) return { kind: 'end', stop: 'searches' };
    const written = this.policy.tokenizer.decode(this.builder.sinceResult());
    return { kind: 'search', query: parseQuery(written) };
  }

  /**
   * Takes what a search brought (undefined: it was not made).
   * @returns the tokens to insert, cut to the room left, and whether the rollout goes on after them
   */
  insert(
    { query, problem }: ParsedQuery,
    found: readonly RetrievedPassage[] | undefined,
  ): { readonly ids: readonly number[]; readonly goesOn: boolean } {
    const { format, maxTokens } = this.options;
    const whole = encodeResult(this.policy.tokenizer, format, foundText(format, found));
    const ids = whole.slice(0, maxTokens - this.builder.length);
    const passages = (found ?? []).map((item) => tracePassage(item, this.gold));
    this.builder.insertResult({ query, passages, ...(problem === undefined ? {} : { problem }) }, ids);
    return { ids, goesOn: this.builder.length < maxTokens };
  }

  /** The trace so far, without a reward. */
  snapshot(): Trace {
    return this.builder.snapshot('aborted', performance.now() - this.started);
  }

  /** The finished trace, rewarded unless aborted. */
  end(stop: StopReason): Trace {
    const trace = this.builder.snapshot(stop, performance.now() - this.started);
    if (stop === 'aborted') return trace;
    const { tokenizer } = this.policy;
    // Only the token itself ends a response, not letters that spell it.
    const eos = stop === 'eos' ? tokenizer.decode([tokenizer.eosId]) : '';
    const { reward: options, maxTokens } = this.options;
    const reward = rewardOf(rewardText(trace.tokens), eos, trace.question.golds, options);
    const shaping = overlongPenalty(trace.tokens.ids.length, maxTokens, options?.overlong ?? 0);
    return { ...trace, reward: shaping === 0 ? reward : { ...reward, shaping } };
  }
}
