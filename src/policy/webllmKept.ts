import type { ChatOptions, MLCEngineInterface } from '@mlc-ai/web-llm';
import { loadHfTokenizer, type HfTokenizer } from '../text/hfTokenizer.ts';
import type { TextEnd, TextRequest } from './textPolicy.ts';

/** The part of web-llm's engine that reads and draws token by token. */
export type TokenEngine = Pick<MLCEngineInterface, 'forwardTokensAndSample' | 'resetChat'>;

/** What web-llm draws by where a request says nothing: the likeliest token, and no penalties. */
export const GREEDY: ChatOptions = {
  temperature: 0,
  top_p: 1,
  repetition_penalty: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
};

/** How a model's texts end, and how long they may be. */
export interface KeptLimits {
  /** Tokens; -1 for none. */
  readonly window: number;
  readonly stopTokens: readonly number[];
  readonly stopTexts: readonly string[];
}

/** Texts that have to come back from the tokenizer as they were: else a rest cannot be read apart from what came before. */
const PROBE = 'a </search>\n\n<result>é</result> b';

/**
 * Continues texts greedily with what web-llm has read kept in its cache: after a search only the result is read. Its
 * completions read the whole text anew. web-llm's `forwardTokensAndSample` keeps the cache; it takes and gives token ids,
 * and neither a temperature nor a seed: it draws by the options that the model was loaded with, which are `GREEDY`.
 */
export class WebllmKept {
  private readonly engine: TokenEngine;
  private readonly tokenizer: HfTokenizer;
  private readonly limits: KeptLimits;
  /** Tokens in the cache. */
  private length = 0;
  /** The text that the cache holds; `drawn` is of it, but not in the cache: web-llm reads a token when it is given back. */
  private held: { readonly text: string; readonly drawn?: number } | undefined;

  private constructor(engine: TokenEngine, tokenizer: HfTokenizer, limits: KeptLimits) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.limits = limits;
  }

  /** Undefined where this page cannot read the model's tokenizer.json, or not piece by piece. */
  static over(engine: TokenEngine, tokenizerJson: unknown, limits: KeptLimits): WebllmKept | undefined {
    try {
      const tokenizer = loadHfTokenizer(tokenizerJson);
      const same = tokenizer.decode(tokenizer.encode(PROBE)) === PROBE;
      return same ? new WebllmKept(engine, tokenizer, limits) : undefined;
    } catch {
      // web-llm reads more kinds of tokenizers; its completions do without ours.
      return undefined;
    }
  }

  /** The cache is another's by now. */
  forget(): void {
    this.held = undefined;
  }

  async *write({ text, stop, maxTokens, signal }: TextRequest): AsyncGenerator<string, TextEnd> {
    const { window, stopTokens, stopTexts } = this.limits;
    const isFull = (more: number): boolean => window > 0 && this.length + more > window;
    const unread = await this.unread(text);
    this.held = undefined;
    if (isFull(unread.length)) return { stopped: 'context', tokens: 0 };
    let drawn = await this.read(unread, true);
    const ids: number[] = [];
    let shown = 0;
    for (;;) {
      if (signal?.aborted === true) return { stopped: 'aborted', tokens: ids.length };
      if (stopTokens.includes(drawn)) return { stopped: 'eos', tokens: ids.length + 1 };
      ids.push(drawn);
      const written = this.tokenizer.decode(ids);
      const closed = written.indexOf(stop.closing);
      const ended = stopTexts.map((end) => written.indexOf(end)).filter((at) => at >= 0);
      // A character that is not whole yet comes with its next token.
      const ready =
        closed >= 0
          ? closed + stop.closing.length
          : Math.min(written.replace(/\uFFFD+$/, '').length, ...ended);
      if (ready > shown) yield written.slice(shown, ready);
      shown = Math.max(shown, ready);
      if (closed >= 0) {
        // A token that says more than the closing tag is left out: it is not in the cache, and its text may change.
        this.held =
          ready === written.length
            ? { text: text + written, drawn }
            : { text: text + this.tokenizer.decode(ids.slice(0, -1)) };
        return { stopped: 'stop', tokens: ids.length };
      }
      if (ended.length > 0) return { stopped: 'eos', tokens: ids.length };
      if (ids.length >= maxTokens) return { stopped: 'length', tokens: ids.length };
      if (isFull(1)) return { stopped: 'context', tokens: ids.length };
      drawn = await this.read([drawn], false);
    }
  }

  /** What of a text the cache lacks; all of it, and an empty cache, where it holds another text. */
  private async unread(text: string): Promise<number[]> {
    const { held } = this;
    if (held !== undefined && text.startsWith(held.text)) {
      const rest = this.tokenizer.encode(text.slice(held.text.length));
      const unread = held.drawn === undefined ? rest : [held.drawn, ...rest];
      if (unread.length > 0) return unread;
    }
    await this.engine.resetChat();
    this.length = 0;
    return this.tokenizer.encode(text);
  }

  private async read(ids: readonly number[], isPrefill: boolean): Promise<number> {
    const drawn = await this.engine.forwardTokensAndSample([...ids], isPrefill);
    this.length += ids.length;
    return drawn;
  }
}
