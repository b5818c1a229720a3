import type { SamplingOptions } from '../engine/backend.ts';
import type { Tokenizer } from '../text/tokenizer.ts';

/** What a policy is asked to continue. Ids are carried forward, never re-encoded (research-paper §2). */
export interface PolicyRequest {
  readonly prompt: readonly number[];
  /** Key of the random draws; the third part of the key is the token's index in the whole sequence. */
  readonly key: { readonly seed: number; readonly rollout: number };
  readonly sampling: SamplingOptions;
  /** Most tokens after the prompt, inserted ones included. */
  readonly maxTokens: number;
  /** How many of the prompt's last tokens the policy has itself just written: a stop may begin in them. */
  readonly written?: number;
  /** Requests with the same value share the prompt, which is then computed once. */
  readonly share?: string;
}

export interface PolicyToken {
  /** Which request (index in the order of `open`). */
  readonly sequence: number;
  readonly id: number;
  /** Under softmax(logits / temperature), whole row. Absent where the engine cannot tell (WebLLM). */
  readonly logprob?: number;
  readonly entropy?: number;
  /** Set on the token that stopped the sequence: a stop token, the end of the response, or the length limit. */
  readonly stopped?: 'stop' | 'eos' | 'length';
}

/**
 * A batch of sequences being continued. `advance` yields tokens until every open sequence has stopped;
 * a sequence stopped by 'stop' waits for `resume` (inserted tokens, e.g. `<result>…</result>`) or `close`.
 */
export interface PolicySession {
  open(request: PolicyRequest): number;
  resume(sequence: number, inserted: readonly number[]): void;
  close(sequence: number): void;
  /** Runs one step for all running sequences; empty when none is running. */
  step(): Promise<readonly PolicyToken[]>;
  dispose(): void;
}

/** Anything that continues token prefixes until a stop. */
export interface Policy {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  /** Most sequences of `capacity` tokens that it should hold at once; absent: any number. */
  mostSlots?(capacity: number): number;
  /** `stops`: texts after which a sequence pauses, such as `</search>`. */
  session(options: {
    readonly stops: readonly string[];
    readonly slots: number;
    readonly capacity: number;
  }): PolicySession;
}
