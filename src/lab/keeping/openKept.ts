import type { Embedder } from '../../retrieval/embedder.ts';
import type { EmbedderFiles } from '../../retrieval/embedderFiles.ts';
import type { FileStore } from '../../retrieval/kept/fileStore.ts';
import { KeptPassages } from '../../retrieval/kept/keptCorpus.ts';
import { embedderId, readEmbedder } from '../../retrieval/kept/keptEmbedder.ts';
import { KeptIndex } from '../../retrieval/kept/keptIndex.ts';
import { createKeptRetriever } from '../../retrieval/kept/keptRetriever.ts';
import type { Retriever } from '../../retrieval/retriever.ts';
import type { World } from '../../world/types.ts';

/** A kept corpus with its index, to be searched. Its queries are embedded by the index's own model. */
export interface OpenKept {
  readonly world: World;
  readonly retriever: Retriever;
  readonly dispose: () => Promise<void>;
}

/** @throws in plain words where a part of it is not kept any more */
export async function openKept(
  store: FileStore,
  choice: { readonly corpus: string; readonly model: string },
  shipped: () => Promise<EmbedderFiles>,
  openEmbedder: (files: EmbedderFiles) => Promise<Embedder>,
): Promise<OpenKept> {
  const kept = await KeptPassages.open(store, choice.corpus);
  const { corpus } = kept;
  const passages = await kept.all();
  const index = await KeptIndex.open(store, corpus, choice.model);
  const own = await shipped();
  const isShipped = (await embedderId(own)) === choice.model;
  const embedder = await openEmbedder(isShipped ? own : await readEmbedder(store, choice.model));
  try {
    const retriever = await createKeptRetriever(index, passages, embedder);
    return {
      world: { name: corpus.name, seed: 0, passages, questions: [] },
      retriever,
      dispose: () => embedder.dispose(),
    };
  } catch (error) {
    await embedder.dispose();
    throw error;
  }
}
