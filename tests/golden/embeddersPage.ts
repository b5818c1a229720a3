import { loadEmbedderFiles, readModelFromUrl } from '../../src/retrieval/embedderFiles.ts';
import type { Precision } from '../../src/retrieval/embedderNetworks.ts';
import { createOnnxEmbedder } from '../../src/retrieval/onnxEmbedder.ts';
import type { Provider, ProviderChoice } from '../../src/retrieval/onnxSession.ts';

export interface EmbedInPage {
  /** Of tests/golden/data/embedders. */
  readonly folder: string;
  readonly name: string;
  readonly provider: ProviderChoice;
  readonly precision: Precision;
  readonly texts: readonly string[];
}

export interface EmbeddedInPage {
  readonly vectors: readonly number[];
  readonly provider: Provider;
  readonly notices: readonly string[];
}

declare global {
  var embedQueries: (asked: EmbedInPage) => Promise<EmbeddedInPage>;
}

globalThis.embedQueries = async ({ folder, name, provider, precision, texts }) => {
  const read = readModelFromUrl(new URL(`data/embedders/${folder}/`, document.baseURI).href);
  const embedder = await createOnnxEmbedder(await loadEmbedderFiles(name, read, precision), { provider });
  const vectors = [...(await embedder.embed(texts, 'query'))];
  await embedder.dispose();
  return { vectors, provider: embedder.provider, notices: embedder.notices };
};
