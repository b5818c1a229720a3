import type { Trace, TraceTokens } from '../traces/trace.ts';

type Column = (number | null)[];

/** What an update learns of each response token of one rollout, gathered for its trace. */
export class TokenRecord {
  readonly trace: Trace;
  readonly advantage: number;
  /** log π_old; null for tokens that nobody has scored. */
  readonly old: Column;
  readonly reference: Column;
  private readonly current: Column;
  private readonly ratios: Column;
  private readonly kls: Column;
  private readonly clipped: (boolean | null)[];

  constructor(trace: Trace, advantage: number) {
    const empty = (): null[] => trace.tokens.ids.map(() => null);
    this.trace = trace;
    this.advantage = advantage;
    this.old = [...(trace.tokens.logprobs ?? empty())];
    this.reference = empty();
    this.current = empty();
    this.ratios = empty();
    this.kls = empty();
    this.clipped = empty();
  }

  /** What the objective found at a token; a later pass overwrites an earlier one. */
  note(token: number, found: { logprob: number; ratio: number; clipped: boolean; kl: number | null }): void {
    this.current[token] = found.logprob;
    this.ratios[token] = found.ratio;
    this.clipped[token] = found.clipped;
    this.kls[token] = found.kl;
  }

  /** The trace with its advantage and all that is known of its tokens. */
  toTrace(): Trace {
    const known = (values: readonly unknown[]): boolean => values.some((value) => value !== null);
    const tokens: TraceTokens = {
      ...this.trace.tokens,
      ...(known(this.reference) ? { refLogprobs: this.reference } : {}),
      ...(known(this.current) ? { currentLogprobs: this.current } : {}),
      ...(known(this.ratios) ? { ratios: this.ratios } : {}),
      ...(known(this.clipped) ? { clipped: this.clipped } : {}),
      ...(known(this.kls) ? { kls: this.kls } : {}),
    };
    return { ...this.trace, tokens, advantage: this.advantage };
  }
}
