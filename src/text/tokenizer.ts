/** A stretch of text; added tokens are found in it unless it is `plain`. */
export interface TextPart {
  readonly text: string;
  readonly plain: boolean;
}

/** Text to token ids and back. Implementations: `hfTokenizer.ts` (reads a Hugging Face tokenizer.json). */
export interface Tokenizer {
  readonly vocabularySize: number;
  /** The token that ends a response. */
  readonly eosId: number;
  /** The model's chat template (Jinja source), and the texts that it names, where the tokenizer's files state them. */
  readonly chatTemplate?: string | undefined;
  readonly bosToken?: string | undefined;
  readonly eosToken?: string | undefined;
  /**
   * Ids of `text`. Added tokens such as `<search>` in the text become their single id unless `plain` is set,
   * which is how untrusted text (questions, passages) is encoded: there a tag is only letters.
   */
  encode(text: string, options?: { readonly plain?: boolean }): number[];
  /**
   * Ids of parts that make one text: words are cut and merged across the parts' borders as in one `encode`, but
   * added tokens are found outside plain parts only.
   */
  encodeParts(parts: readonly TextPart[]): number[];
  /** Text of ids, added tokens included. An id without a token (models pad their vocabularies) has none. */
  decode(ids: ArrayLike<number>): string;
  /** Text of each token by itself, so that joined they give `decode(ids)` (split UTF-8 is joined to its first token). */
  tokenTexts(ids: ArrayLike<number>): string[];
  /** Id of a token's exact text, such as `</search>`, or undefined. */
  idOf(token: string): number | undefined;
}
