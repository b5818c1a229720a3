import type { Passage } from '../../retrieval/retriever.ts';
import { ANSWER_END, answerIn, OPEN_ANSWER, OPEN_THOUGHT, THOUGHT_END, thoughtIn } from './formats.ts';

/** Most tokens of an answer, and of one thought. */
export const ANSWER_TOKENS = 32;

/** What a method wants done next. Who runs it does this for many questions at a time. */
export type Step =
  /** Retrieve `k` passages and show those not in `seen` as a result block. Brings the passages shown. */
  | { readonly do: 'search'; readonly query: string; readonly k: number; readonly seen: ReadonlySet<string> }
  /** Let the policy write after an opening, up to `end`. Brings what it wrote. */
  | { readonly do: 'write'; readonly opening: string; readonly end: string; readonly most: number }
  /** Forget all but the question. Brings nothing. */
  | { readonly do: 'restart' };

/** What a step brings; `full`: there was no room for it, and nothing was done. */
export type Brought =
  | { readonly passages: readonly Passage[] }
  | { readonly written: string }
  | { readonly full: true }
  | undefined;

/** A method at work on one question; returns its answer, or undefined where none could be read. */
export type MethodRun = Generator<Step, string | undefined, Brought>;

/** A prompt baseline: how it answers, and how many passages it takes at a time where nothing else is said. */
export interface Baseline {
  readonly passages: number;
  readonly run: (question: string, passages: number) => MethodRun;
}

type Doing<T> = Generator<Step, T, Brought>;

/** Shows what a query finds and has not been shown yet. Undefined: no room. */
export function* search(
  query: string,
  k: number,
  seen: ReadonlySet<string> = new Set(),
): Doing<readonly Passage[] | undefined> {
  const brought = yield { do: 'search', query, k, seen };
  return brought !== undefined && 'passages' in brought ? brought.passages : undefined;
}

/** A thought of at most `most` tokens. Undefined: no room. */
export function* think(most: number): Doing<string | undefined> {
  const brought = yield { do: 'write', opening: OPEN_THOUGHT.text, end: THOUGHT_END, most };
  return brought !== undefined && 'written' in brought ? thoughtIn(brought.written) : undefined;
}

/** The answer; room for it is always kept. */
export function* answer(): Doing<string | undefined> {
  const brought = yield { do: 'write', opening: OPEN_ANSWER.text, end: ANSWER_END, most: ANSWER_TOKENS };
  return brought !== undefined && 'written' in brought ? answerIn(brought.written) : undefined;
}

export function* restart(): Doing<void> {
  yield { do: 'restart' };
}
