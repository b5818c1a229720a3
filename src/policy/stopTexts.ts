import type { Tokenizer } from '../text/tokenizer.ts';

/** Finds stop texts at the end of what is written, whether a stop is one token or spelled over several. */
export class StopTexts {
  private readonly tokenizer: Tokenizer;
  private readonly stops: readonly string[];
  /** Whether a token's text holds the last character of a stop; only then is anything decoded. */
  private readonly mayEnd = new Map<number, boolean>();

  constructor(tokenizer: Tokenizer, stops: readonly string[]) {
    if (stops.includes('')) throw new Error('Policy session: a stop text is empty.');
    this.tokenizer = tokenizer;
    this.stops = stops;
  }

  /** Whether the last token completes a stop text. */
  endedBy(written: readonly number[]): boolean {
    const last = written.at(-1);
    if (last === undefined || !this.canEnd(last)) return false;
    return this.stops.some((stop) => {
      // A stop spans at most as many tokens as it has characters; older occurrences were seen before.
      const tail = written.slice(-stop.length);
      const texts = this.tokenizer.tokenTexts(tail);
      const lastLength = texts.at(-1)?.length ?? 0;
      const text = texts.join('');
      return text.slice(Math.max(0, text.length - lastLength - stop.length + 1)).includes(stop);
    });
  }

  private canEnd(id: number): boolean {
    let can = this.mayEnd.get(id);
    if (can === undefined) {
      const text = this.tokenizer.decode([id]);
      can = this.stops.some((stop) => text.includes(stop.slice(-1)));
      this.mayEnd.set(id, can);
    }
    return can;
  }
}
