/** Embedding models in the store: whether files are one, and its files as they are read to be run. */
import { embedderId } from '../../retrieval/embedderId.ts';
import {
  embeddingRecipe,
  loadSmallFiles,
  type EmbedderFiles,
  type ReadModelFile,
} from '../../retrieval/embedderFiles.ts';
import { precisionOf } from '../../retrieval/embedderNetworks.ts';
import type { FileStore } from '../../retrieval/kept/fileStore.ts';
import type { OnnxEmbedder } from '../../retrieval/onnxEmbedder.ts';
import { runningBytes } from './embedderOffer.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import type { KeptEmbedder, KeptFile } from './manifest.ts';
import { blobPath } from './openModel.ts';
import { Shelf } from './shelf.ts';

/** Runs a model, as whoever searches with it will. */
export type RunEmbedder = (files: EmbedderFiles) => Promise<OnnxEmbedder>;

const reading =
  (fs: FileStore, files: readonly KeptFile[]): ReadModelFile =>
  async (path) => {
    const file = files.find(({ name }) => name === path);
    return file && fs.read(blobPath(file.sha256));
  };

const networkOf = (files: readonly KeptFile[]): KeptFile | undefined =>
  files.find(({ name }) => name.endsWith('.onnx'));

/** Whether its small files can be used; they come before the network. @throws Error naming the file */
export async function checkSmall(fs: FileStore, name: string, files: readonly KeptFile[]): Promise<void> {
  embeddingRecipe(await loadSmallFiles(name, reading(fs, files)));
}

/**
 * What is to be known of a model whose files are all here. That it can be run is seen by running it.
 * @throws Error in words where it cannot
 */
export async function embedderCard(
  fs: FileStore,
  name: string,
  files: readonly KeptFile[],
  run: RunEmbedder,
): Promise<KeptEmbedder['card']> {
  const whole = await filesOf(fs, name, files);
  const { queryPrefix, passagePrefix } = embeddingRecipe(whole);
  const opened = await run(whole);
  const { dimension, maxTokens, pooling, notices } = opened;
  await opened.dispose();
  return {
    id: await embedderId(whole),
    ...{ dimension, maxTokens, pooling, queryPrefix, passagePrefix },
    notices: [...notices],
    memory: runningBytes(whole.model.length, precisionOf(networkOf(files)?.name ?? '')),
  };
}

async function filesOf(fs: FileStore, name: string, files: readonly KeptFile[]): Promise<EmbedderFiles> {
  const read = reading(fs, files);
  const model = await read(networkOf(files)?.name ?? '');
  if (model === undefined)
    throw new Error(`${name}: its ONNX file is not here any more. Delete it, and add it again.`);
  return { ...(await loadSmallFiles(name, read)), model };
}

/** The files of a kept embedding model by the id of its card; undefined where it is not kept. */
export async function keptEmbedder(fs: FileSystem, id: string): Promise<EmbedderFiles | undefined> {
  const { embedders } = await new Shelf(fs).list();
  const found = embedders.find(({ card }) => card.id === id);
  return found && filesOf(fs, found.name, found.files);
}
