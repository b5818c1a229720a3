import { embeddingRecipe, type EmbedderFiles } from './embedderFiles.ts';
import { bytesOfText, sha256 } from './kept/fileStore.ts';

/**
 * The same for models that give the same vectors: a hash of the network, the tokenizer and what is done around them.
 * What runs it is no part of it: WebAssembly and WebGPU differ in the last digits.
 */
export async function embedderId(files: EmbedderFiles): Promise<string> {
  const network = await sha256(new Uint8Array(files.model));
  const { pooling, queryPrefix, passagePrefix, maxTokens } = embeddingRecipe(files);
  const whole = JSON.stringify([
    network,
    files.tokenizer,
    ...[pooling, queryPrefix, passagePrefix, maxTokens],
  ]);
  return (await sha256(bytesOfText(whole))).slice(0, 16);
}
