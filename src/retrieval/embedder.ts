/** Whether a text asks or is to be found: some models embed the two differently. */
export type TextKind = 'query' | 'passage';

/** Turns texts into unit vectors whose dot product says how near they are in meaning. */
export interface Embedder {
  /** For people: the model's name. */
  readonly name: string;
  readonly dimension: number;
  /** Longer texts are cut here, special tokens included. */
  readonly maxTokens: number;
  /**
   * Flat [texts.length, dimension], each row of length 1 (all zeros for a text without any token). A text's
   * vector does not depend on which others are in the call, up to rounding.
   */
  embed(texts: readonly string[], kind: TextKind): Promise<Float32Array>;
  dispose(): Promise<void>;
}
