import type { Trace, TraceSearch } from './trace.ts';

/** What a policy tells of a token it wrote; absent where its engine cannot tell. */
export interface WrittenToken {
  readonly id: number;
  readonly logprob?: number;
  readonly entropy?: number;
}

/** One token of a beginning: the policy's own, inserted with a result, or given to the policy. */
export interface BegunToken extends WrittenToken {
  readonly generated: boolean;
  readonly given?: true;
}

/** The first part of a rollout, from which a policy can go on. */
export interface Beginning {
  readonly prompt: readonly number[];
  /** Response tokens so far. */
  readonly tokens: readonly BegunToken[];
  /** The searches whose results are among them, in order. */
  readonly searches: readonly Omit<TraceSearch, 'resultSegment'>[];
  /** Text of the tokens; whoever goes on can see by it whether the ids are of its tokenizer. */
  readonly text: string;
}

/**
 * A rollout's tokens before `at`, with the results of their searches.
 * @throws RangeError if token `at` is not one of the policy's own, or the trace's pieces are words and not tokens
 */
export function beginningOf(trace: Trace, at: number): Beginning {
  const { tokens, prompt, segments } = trace;
  if (trace.pieces !== undefined)
    throw new RangeError('This rollout came without token ids; no policy can go on from it.');
  if (tokens.generated[at] !== true) {
    throw new RangeError(
      `Token ${at} was not written by the policy; a rollout goes on only from one that was.`,
    );
  }
  return {
    prompt: prompt.ids,
    tokens: tokens.ids.slice(0, at).map((id, i): BegunToken => {
      const logprob = tokens.logprobs?.[i] ?? undefined;
      const entropy = tokens.entropies?.[i] ?? undefined;
      return {
        id,
        generated: tokens.generated[i] === true,
        ...(tokens.given?.[i] === true ? { given: true } : {}),
        ...(logprob === undefined ? {} : { logprob }),
        ...(entropy === undefined ? {} : { entropy }),
      };
    }),
    text: tokens.texts.slice(0, at).join(''),
    searches: trace.searches
      .filter(({ resultSegment }) => (segments[resultSegment]?.start ?? at) < at)
      .map(({ resultSegment: _, ...search }) => search),
  };
}
