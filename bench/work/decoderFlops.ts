/** The arithmetic of a decoder, to hold against the machine's limit. */
import type { DecoderConfig } from '../../src/engine/config.ts';

/**
 * Operations of the matrix products and of attention in a forward pass, 2 for each multiply-add.
 * @param tokens run through the layers
 * @param heads of them also through the head
 * @param keys a token attends to, on average
 */
export function forwardFlops(config: DecoderConfig, tokens: number, heads: number, keys: number): number {
  const { hiddenSize, intermediateSize, headDim, kvHeads, layers, vocabSize } = config;
  const queries = config.heads * headDim;
  const projections = hiddenSize * (2 * queries + 2 * kvHeads * headDim + 3 * intermediateSize);
  const attention = 2 * queries * keys;
  return 2 * (tokens * layers * (projections + attention) + heads * hiddenSize * vocabSize);
}

/** Operations of `rows` continuations of one prompt that is run once: `tokens` new ones each. */
export function decodeFlops(config: DecoderConfig, prompt: number, rows: number, tokens: number): number {
  // The last token drawn is not run.
  const fed = rows * (tokens - 1);
  return (
    forwardFlops(config, prompt, 0, prompt / 2) +
    forwardFlops(config, fed, rows * tokens, prompt + tokens / 2)
  );
}
