import type { Trace } from '../../../src/traces/trace.ts';

export interface TraceParts {
  readonly prompt: readonly number[];
  readonly response: readonly number[];
  /** Indices of response tokens that are results. */
  readonly inserted: readonly number[];
  readonly logprobs?: readonly number[];
  readonly reward?: number;
}

/** A trace that holds what training needs, and no more. */
export function makeTrace({ prompt, response, inserted, logprobs, reward }: TraceParts): Trace {
  return {
    id: 't',
    question: { id: 'q', text: '', golds: [] },
    prompt: { text: '', ids: prompt },
    tokens: {
      ids: response,
      texts: response.map((id) => ` ${id}`),
      generated: response.map((_, i) => !inserted.includes(i)),
      ...(logprobs === undefined
        ? {}
        : { logprobs: logprobs.map((value, i) => (inserted.includes(i) ? null : value)) }),
    },
    segments: [],
    searches: [],
    stop: 'eos',
    policy: 'test',
    ...(reward === undefined
      ? {}
      : { reward: { value: reward, branch: 'right answer, F1', em: 0, f1: reward } as const }),
  };
}
