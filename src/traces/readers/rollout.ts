import type { StopReason, TraceTokens } from '../trace.ts';
import type { Span } from './spans.ts';

/** One rollout as a file tells it, before it is made a trace; what the file does not tell is absent. */
export interface ToldRollout {
  readonly question: string;
  readonly questionId?: string;
  readonly golds: readonly string[];
  readonly prompt: string;
  /** The response, cut into parts that together are all of it. */
  readonly spans: readonly Span[];
  /** Its tokens, where the file tells them; their texts together are the response. */
  readonly tokens?: ToldTokens;
  readonly reward?: number;
  /** The reward is the paper's, so the branch that decided it can be found again. */
  readonly paperReward?: boolean;
  readonly answer?: string;
  readonly advantage?: number;
  readonly step?: number;
  readonly policy?: string;
  readonly stop?: StopReason;
  /** Rollouts with the same value were drawn together; absent: those of the same step and prompt. */
  readonly group?: string;
}

/** Tokens as a file tells them; `ids` of a tokenizer that may not be this page's. */
export type ToldTokens = Partial<Omit<TraceTokens, 'texts' | 'generated'>> & Pick<TraceTokens, 'texts'>;
