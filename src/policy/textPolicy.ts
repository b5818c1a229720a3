/** A stop that is a closing tag: the text pauses after `closing`, which belongs to an `opening`. */
export interface TagStop {
  readonly opening: string;
  readonly closing: string;
}

/** What a text policy is asked to continue. */
export interface TextRequest {
  /** The whole text so far: prompt, what was written, what was inserted. */
  readonly text: string;
  readonly stop: TagStop;
  /** Whole number; with the same one, web-llm writes the same on the same device. */
  readonly seed: number;
  /** 0: the likeliest token each time. */
  readonly temperature: number;
  /** 0 … 1; share of the probability that is drawn from. */
  readonly topP: number;
  /** Most tokens of this stretch. */
  readonly maxTokens: number;
  readonly signal?: AbortSignal;
}

/** How a stretch ended. `context`: the model's window is full. */
export interface TextEnd {
  readonly stopped: 'stop' | 'eos' | 'length' | 'context' | 'aborted';
  /** Tokens written, as the engine counts them. */
  readonly tokens: number;
}

/**
 * Anything that continues texts and tells no tokens. It has no gradients, no weights to update, and no logprobs of the
 * distribution it drew from.
 */
export interface TextPolicy {
  readonly name: string;
  /** The model's own chat form: system message, question, the answer's turn opened. The question is untrusted. */
  prompt(system: string, question: string): string;
  /** Untrusted text, changed so that it makes no control token of the model. */
  plain(text: string): string;
  /**
   * Continues a text, piece by piece as it is written. After 'stop' the pieces end with the closing tag.
   * The values joined are the whole stretch.
   */
  write(request: TextRequest): AsyncGenerator<string, TextEnd>;
  dispose(): Promise<void>;
}
