/** Text to token ids and back. Implementations: `hfTokenizer.ts` (reads a Hugging Face tokenizer.json). */
export interface Tokenizer {
  readonly vocabularySize: number;
  /** The token that ends a response. */
  readonly eosId: number;
  /**
   * Ids of `text`. Added tokens such as `<search>` in the text become their single id unless `plain` is set,
   * which is how untrusted text (questions, passages) is encoded: there a tag is only letters.
   */
  encode(text: string, options?: { readonly plain?: boolean }): number[];
  /** Text of ids, added tokens included. */
  decode(ids: ArrayLike<number>): string;
  /** Text of each token by itself, so that joined they give `decode(ids)` (split UTF-8 is joined to its first token). */
  tokenTexts(ids: ArrayLike<number>): string[];
  /** Id of a token's exact text, such as `</search>`, or undefined. */
  idOf(token: string): number | undefined;
}
