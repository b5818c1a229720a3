/** A token matched in text before anything else, as listed in `added_tokens` of a tokenizer.json. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  /** Whitespace just before (after) the token belongs to it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Matches only where no letter or digit touches it. */
  readonly singleWord: boolean;
}

/** A stretch of ordinary text, or one added token. */
export type Piece = { readonly text: string } | { readonly id: number };

/** Finds added tokens in text: leftmost first, the longest where several start at one place. */
export class AddedTokenSplitter {
  private readonly pattern: RegExp | undefined;
  private readonly byContent: ReadonlyMap<string, AddedToken>;

  constructor(tokens: readonly AddedToken[]) {
    const known = tokens.filter((token) => token.content.length > 0);
    this.byContent = new Map(known.map((token) => [token.content, token]));
    const alternatives = [...known]
      .sort((a, b) => b.content.length - a.content.length)
      .map((token) => {
        const literal = token.content.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
        return token.singleWord ? `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])` : literal;
      });
    this.pattern = alternatives.length > 0 ? new RegExp(alternatives.join('|'), 'gu') : undefined;
  }

  /** Pieces of `text` in order; empty stretches are left out. */
  split(text: string): Piece[] {
    if (this.pattern === undefined) return text.length > 0 ? [{ text }] : [];
    const pieces: Piece[] = [];
    let start = 0;
    let strip = false;
    const pushText = (end: number, stripEnd: boolean): void => {
      let stretch = text.slice(start, end);
      if (strip) stretch = stretch.trimStart();
      if (stripEnd) stretch = stretch.trimEnd();
      if (stretch.length > 0) pieces.push({ text: stretch });
    };
    for (const match of text.matchAll(this.pattern)) {
      const token = this.byContent.get(match[0]);
      if (token === undefined) continue;
      pushText(match.index, token.lstrip);
      pieces.push({ id: token.id });
      start = match.index + token.content.length;
      strip = token.rstrip;
    }
    pushText(text.length, false);
    return pieces;
  }
}
