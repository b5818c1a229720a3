/**
 * The trace: one immutable record of what a policy did on one question. Viewers, reward, trainer and exporters
 * pass nothing else around. Anything not known is absent, not zero.
 */

export type SegmentKind = 'think' | 'search' | 'result' | 'answer' | 'text';

/** A span of response tokens [start, end), tags included, with the text between the tags. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly start: number;
  readonly end: number;
  /** Inner text without tags, trimmed. */
  readonly text: string;
  /** False when the closing tag never came. */
  readonly closed: boolean;
}

/** Parallel arrays over the response tokens (the prompt is kept apart). */
export interface TraceTokens {
  readonly ids: readonly number[];
  readonly texts: readonly string[];
  /** True: written by the policy (enters the loss). False: inserted `<result>` (masked). */
  readonly generated: readonly boolean[];
  /** True: neither; an opening such as `<answer>\boxed{` that a baseline wrote in the policy's name. Absent: none is. */
  readonly given?: readonly boolean[];
  /** log π(token) when sampled, under the sampling temperature; NaN never: absent entries are null. */
  readonly logprobs?: readonly (number | null)[];
  readonly entropies?: readonly (number | null)[];
  /** log π_ref(token), when KL is on. */
  readonly refLogprobs?: readonly (number | null)[];
  /** log π_θ(token) in the update, before its optimiser step. */
  readonly currentLogprobs?: readonly (number | null)[];
  readonly ratios?: readonly (number | null)[];
  readonly clipped?: readonly (boolean | null)[];
  readonly kls?: readonly (number | null)[];
}

export interface TracePassage {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Similarity to the search; absent where a file does not tell it. */
  readonly score?: number;
  /** On the question's gold chain (known only where the chain is). */
  readonly gold?: boolean;
}

/** One search of a rollout: what was asked, what came back. */
export interface TraceSearch {
  readonly query: string;
  readonly passages: readonly TracePassage[];
  /** Index into `segments` of the `result` segment it produced. */
  readonly resultSegment: number;
  readonly problem?: 'empty query' | 'malformed query';
}

/** Which branch of the reward decided (research-code order, re_search.py; EM where the recipe pays by it). */
export type RewardBranch =
  | 'think tags unbalanced'
  | 'no think'
  | 'answer tags'
  | 'search without result'
  | 'tags out of order'
  | 'answer tags out of order'
  | 'no box'
  | 'over length'
  | 'box cannot be parsed'
  | 'no answer'
  | 'wrong answer, good format'
  | 'right answer, F1'
  | 'right answer, EM'
  /** A file told the reward and not what decided it. */
  | 'not told';

export interface TraceReward {
  /** 0 … 1; where a file told it, whatever that says. */
  readonly value: number;
  readonly branch: RewardBranch;
  /** What the length of the response costs, −1 … 0; learning goes by `value` + `shaping`. */
  readonly shaping?: number;
  readonly answer?: string;
  /** Exact match and F1 after SQuAD normalisation, best over golds. */
  readonly em: number;
  readonly f1: number;
}

export type StopReason = 'eos' | 'length' | 'searches' | 'aborted';

export interface Trace {
  readonly id: string;
  readonly question: {
    readonly id: string;
    readonly text: string;
    readonly golds: readonly string[];
    readonly set?: string;
    readonly hops?: number;
  };
  readonly prompt: { readonly text: string; readonly ids: readonly number[] };
  readonly tokens: TraceTokens;
  /** Set where a file told no token ids: the ids are then all 0 and mean nothing. `words`: nor any tokens; the texts are words. */
  readonly pieces?: 'words' | 'texts';
  readonly segments: readonly Segment[];
  readonly searches: readonly TraceSearch[];
  readonly stop: StopReason;
  readonly reward?: TraceReward;
  readonly advantage?: number;
  readonly behaviours?: readonly Behaviour[];
  readonly policy: string;
  /** Baseline that asked, such as `naive-rag`; absent: the policy was free, as in ReSearch. */
  readonly method?: string;
  /** Response tokens before which the policy forgot all but the prompt (Iter-RetGen begins each iteration anew). */
  readonly restarts?: readonly number[];
  /** Optimiser updates the policy had had. */
  readonly step?: number;
  /** Index of the group in its batch and of the rollout in its group. */
  readonly group?: number;
  readonly rollout?: number;
  readonly seed?: number;
  readonly milliseconds?: number;
}

/** What detectors find in a rollout; `behaviours.ts` says in words what each means. */
export const behaviourNames = [
  'self-correction',
  'bridge found',
  'redundant search',
  'query copy',
  'search after the answer',
  'ignored result',
  'unsupported answer',
  'giving up',
  'empty thinking',
] as const;

export type Behaviour = (typeof behaviourNames)[number];
