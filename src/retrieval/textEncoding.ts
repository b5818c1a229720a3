/** Texts to token ids, as an embedding model's tokenizer.json says. */
import { Tokenizer } from '@huggingface/tokenizers';
import type { EmbedderTexts } from './embedderFiles.ts';

/** Token ids of a text with the model's special tokens, at most `maxTokens` of them: the text is cut, not they. */
export function encodeText(tokenizer: Tokenizer, text: string, maxTokens: number): number[] {
  const { ids } = tokenizer.encode(text);
  if (ids.length <= maxTokens) return ids;
  const plain = tokenizer.encode(text, { add_special_tokens: false }).ids;
  const special = ids.length - plain.length;
  const before = tokenizer.encode('').ids.findIndex((id, i) => id !== ids[i]);
  const head = special === 0 ? 0 : before === -1 ? special : before;
  return [...ids.slice(0, head), ...plain.slice(0, maxTokens - special), ...ids.slice(head + plain.length)];
}

/** The model's tokenizer; throws naming the file where it cannot be used. */
export function openTokenizer({ name, tokenizer, tokenizerConfig }: EmbedderTexts): Tokenizer {
  try {
    return new Tokenizer(tokenizer, tokenizerConfig ?? {});
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Embedding model "${name}": tokenizer.json cannot be used. ${reason}`, { cause: error });
  }
}
