import type { Embedder } from '../../retrieval/embedder.ts';
import type { EmbedderFiles } from '../../retrieval/embedderFiles.ts';
import { embedderId } from '../../retrieval/embedderId.ts';
import type { FileStore } from '../../retrieval/kept/fileStore.ts';
import { KeptPassages } from '../../retrieval/kept/keptCorpus.ts';
import { KeptIndex } from '../../retrieval/kept/keptIndex.ts';
import { createKeptRetriever } from '../../retrieval/kept/keptRetriever.ts';
import { PlacedPassages } from '../../retrieval/kept/placedPassages.ts';
import type { Passage, Retriever } from '../../retrieval/retriever.ts';
import { Outliner, type PassageOutline } from './passageOutline.ts';

/**
 * A kept corpus with its index, to be searched. Its queries are embedded by the index's own model; its passages stay on
 * file.
 */
export interface OpenKept {
  readonly name: string;
  readonly outline: PassageOutline;
  readonly passagesAt: (places: readonly number[]) => Promise<readonly Passage[]>;
  readonly retriever: Retriever;
  readonly dispose: () => Promise<void>;
}

/** Where the model of an index is found. */
export interface EmbedderShelf {
  /** By its id; undefined where it is not kept. */
  readonly kept: (id: string) => Promise<EmbedderFiles | undefined>;
  readonly shipped: () => Promise<EmbedderFiles>;
}

/** @throws in plain words where a part of it is not kept any more */
export async function openKept(
  store: FileStore,
  choice: { readonly corpus: string; readonly model: string },
  models: EmbedderShelf,
  openEmbedder: (files: EmbedderFiles) => Promise<Embedder>,
): Promise<OpenKept> {
  const kept = await KeptPassages.open(store, choice.corpus);
  const { corpus } = kept;
  const index = await KeptIndex.open(store, corpus, choice.model);
  const files = (await models.kept(choice.model)) ?? (await models.shipped());
  if ((await embedderId(files)) !== choice.model) {
    throw new Error(`${index.model.name} is not kept here any more. Add it again: its index fits then.`);
  }
  const outliner = new Outliner();
  const passages = await PlacedPassages.open(kept, (some) => outliner.add(some));
  const embedder = await openEmbedder(files);
  try {
    const retriever = await createKeptRetriever(index, passages, embedder);
    return {
      name: corpus.name,
      outline: outliner.outline,
      passagesAt: (places) => passages.at(places),
      retriever,
      dispose: () => embedder.dispose(),
    };
  } catch (error) {
    await embedder.dispose();
    throw error;
  }
}
