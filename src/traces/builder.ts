import type { Beginning, WrittenToken } from './beginning.ts';
import { behavioursOf } from './behaviours.ts';
import { isInserted, parseSegments } from './segments.ts';
import type { StopReason, Trace, TraceSearch, TraceTokens } from './trace.ts';

/** What is known of a rollout before its first token. */
export type TraceHead = Pick<
  Trace,
  'id' | 'question' | 'prompt' | 'policy' | 'method' | 'step' | 'group' | 'rollout' | 'seed'
>;

/**
 * Collects one rollout as it happens and gives its trace at any moment. Tokens come in order; every search is
 * followed by the tokens of its result.
 */
export class TraceBuilder {
  readonly head: TraceHead;
  private readonly textsOf: (ids: readonly number[]) => string[];
  private readonly ids: number[] = [];
  private readonly generated: boolean[] = [];
  private readonly given: boolean[] = [];
  private readonly logprobs: (number | null)[] = [];
  private readonly entropies: (number | null)[] = [];
  private readonly searches: Omit<TraceSearch, 'resultSegment'>[] = [];
  private readonly restarts: number[] = [];

  /** `textsOf`: a tokenizer's text of each token, such that joined they give the whole text. */
  constructor(head: TraceHead, textsOf: (ids: readonly number[]) => string[]) {
    this.head = head;
    this.textsOf = textsOf;
  }

  /** Response tokens so far, inserted ones included. */
  get length(): number {
    return this.ids.length;
  }

  get searchCount(): number {
    return this.searches.length;
  }

  write(token: WrittenToken): void {
    this.ids.push(token.id);
    this.generated.push(true);
    this.given.push(false);
    this.logprobs.push(token.logprob ?? null);
    this.entropies.push(token.entropy ?? null);
  }

  /** A search and the tokens of its result, which are not the policy's own. At least one token. */
  insertResult(search: Omit<TraceSearch, 'resultSegment'>, ids: readonly number[]): void {
    if (ids.length === 0) throw new Error('A search result needs at least one token.');
    this.searches.push(search);
    this.put(ids, false);
  }

  /** Tokens that the method writes in the policy's name, such as the opening of an answer. */
  give(ids: readonly number[]): void {
    this.put(ids, true);
  }

  /** From here on the policy sees the prompt alone. */
  restart(): void {
    this.restarts.push(this.ids.length);
  }

  private put(ids: readonly number[], given: boolean): void {
    for (const id of ids) {
      this.ids.push(id);
      this.generated.push(false);
      this.given.push(given);
      this.logprobs.push(null);
      this.entropies.push(null);
    }
  }

  /** Takes over what was written and inserted before; only at the start. */
  begin({ tokens, searches }: Beginning): void {
    const results = [...searches];
    for (let at = 0; at < tokens.length;) {
      const run = tokens.slice(at);
      const other = run.findIndex(
        ({ generated, given }) => generated !== run[0]?.generated || given !== run[0].given,
      );
      const part = other < 0 ? run : run.slice(0, other);
      at += part.length;
      if (part[0]?.generated === true) {
        for (const token of part) this.write(token);
        continue;
      }
      if (part[0]?.given === true) {
        this.give(part.map(({ id }) => id));
        continue;
      }
      const search = results.shift();
      if (search === undefined) throw new Error('A beginning has a result whose search is not told.');
      this.insertResult(
        search,
        part.map(({ id }) => id),
      );
    }
  }

  /** All so far, for another rollout to go on from. */
  beginning(): Beginning {
    return {
      prompt: this.head.prompt.ids,
      tokens: this.ids.map((id, i) => {
        const [logprob, entropy] = [this.logprobs[i] ?? undefined, this.entropies[i] ?? undefined];
        return {
          id,
          generated: this.generated[i] === true,
          ...(this.given[i] === true ? { given: true } : {}),
          ...(logprob === undefined ? {} : { logprob }),
          ...(entropy === undefined ? {} : { entropy }),
        };
      }),
      searches: [...this.searches],
      text: this.textsOf(this.ids).join(''),
    };
  }

  /** Ids written since the last result, or since the start. */
  sinceResult(): readonly number[] {
    return this.ids.slice(this.generated.lastIndexOf(false) + 1);
  }

  /** The rollout so far as a trace of its own (later tokens do not change it). */
  snapshot(stop: StopReason, milliseconds?: number): Trace {
    const known = (values: readonly (number | null)[]): boolean => values.some((value) => value !== null);
    const tokens: TraceTokens = {
      ids: [...this.ids],
      texts: this.textsOf(this.ids),
      generated: [...this.generated],
      ...(this.given.includes(true) ? { given: [...this.given] } : {}),
      ...(known(this.logprobs) ? { logprobs: [...this.logprobs] } : {}),
      ...(known(this.entropies) ? { entropies: [...this.entropies] } : {}),
    };
    const segments = parseSegments(tokens);
    const results = segments.flatMap((segment, i) => (isInserted(tokens, segment.start) ? [i] : []));
    const searches = this.searches.map((search, i): TraceSearch => {
      const resultSegment = results[i];
      if (resultSegment === undefined) throw new Error(`Search ${i} has no result segment.`);
      return { ...search, resultSegment };
    });
    return {
      ...this.head,
      ...(this.restarts.length > 0 ? { restarts: [...this.restarts] } : {}),
      tokens,
      segments,
      searches,
      stop,
      behaviours: behavioursOf({ question: this.head.question, segments, searches, stop }),
      ...(milliseconds === undefined ? {} : { milliseconds }),
    };
  }
}
