import { Tokenizer } from '@huggingface/tokenizers';
import { readModelFromFolder } from '../../scripts/trainEmbedder/modelFolder.ts';
import { passageText } from '../../src/retrieval/denseRetriever.ts';
import { loadEmbedderFiles } from '../../src/retrieval/embedderFiles.ts';
import { createOnnxEmbedder } from '../../src/retrieval/onnxEmbedder.ts';
import type { Passage } from '../../src/retrieval/retriever.ts';

/** Passages embedded at once, as an index is made. */
const BATCH = 64;

/**
 * How fast the shipped model embeds passages on one thread of Node, and how fast its tokenizer alone goes over them:
 * passages a second, the second time over each.
 */
export async function tokenizerShare(
  passages: readonly Passage[],
): Promise<{ readonly embedded: number; readonly tokenized: number }> {
  const files = await loadEmbedderFiles('playground-embedder', readModelFromFolder('public/models/embedder'));
  const tokenizer = new Tokenizer(files.tokenizer, files.tokenizerConfig ?? {});
  const embedder = await createOnnxEmbedder(files);
  const texts = passages.map(passageText);
  let tokens = 0;
  const tokenize = (): Promise<void> => {
    for (const text of texts) tokens += tokenizer.encode(text).ids.length;
    return Promise.resolve();
  };
  const embed = async (): Promise<void> => {
    for (let at = 0; at < texts.length; at += BATCH)
      await embedder.embed(texts.slice(at, at + BATCH), 'passage');
  };
  const rate = async (work: () => Promise<void>): Promise<number> => {
    await work();
    const began = performance.now();
    await work();
    return (1000 * texts.length) / (performance.now() - began);
  };
  const [tokenized, embedded] = [await rate(tokenize), await rate(embed)];
  await embedder.dispose();
  if (tokens === 0) throw new Error('the tokenizer found no token');
  return { embedded, tokenized };
}
