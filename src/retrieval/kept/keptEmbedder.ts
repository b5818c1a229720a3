import { z } from 'zod';
import { embeddingRecipe, loadEmbedderFiles, type EmbedderFiles } from '../embedderFiles.ts';
import { bytesOfText, sha256, type FileStore } from './fileStore.ts';

/** An embedding model that is kept: its files lie beside its record. */
export interface KeptEmbedder {
  readonly id: string;
  /** As its repository or folder is called: pooling and prompts are known by it where the files do not say them. */
  readonly name: string;
  readonly bytes: number;
}

const FOLDER = 'embedders';
const folderOf = (id: string): string => `${FOLDER}/${id}`;
const recordPath = (id: string): string => `${folderOf(id)}/embedder.json`;
const filesFolder = (id: string): string => `${folderOf(id)}/files`;

const recordSchema = z.object({ version: z.literal(1), name: z.string(), bytes: z.number() });

/**
 * The same for models that give the same vectors: a hash of the network, the tokenizer and what is done around them.
 * What runs it is no part of it: WebAssembly and WebGPU differ in the last digits.
 */
export async function embedderId(files: EmbedderFiles): Promise<string> {
  const { pooling, queryPrefix, passagePrefix, maxTokens } = embeddingRecipe(files);
  const whole = JSON.stringify([
    await sha256(new Uint8Array(files.model)),
    files.tokenizer,
    ...[pooling, queryPrefix, passagePrefix, maxTokens],
  ]);
  return (await sha256(bytesOfText(whole))).slice(0, 16);
}

/**
 * Keeps a model's files, by their paths in its folder. The record is written last; nothing is left of one that fails.
 * @throws where a file is missing or wrong, or where there is no room
 */
export async function keepEmbedder(
  store: FileStore,
  name: string,
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<KeptEmbedder> {
  const id = await embedderId(await loadEmbedderFiles(name, (path) => Promise.resolve(files.get(path))));
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  try {
    for (const [path, content] of files) await store.write(`${filesFolder(id)}/${path}`, content);
    await store.write(recordPath(id), bytesOfText(JSON.stringify({ version: 1, name, bytes })));
  } catch (error) {
    await store.remove(folderOf(id));
    throw error;
  }
  return { id, name, bytes };
}

export async function listEmbedders(store: FileStore): Promise<readonly KeptEmbedder[]> {
  const found: KeptEmbedder[] = [];
  for (const id of await store.list(FOLDER)) {
    const record = await readRecord(store, id);
    if (record !== undefined) found.push({ id, ...record });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readRecord(
  store: FileStore,
  id: string,
): Promise<{ readonly name: string; readonly bytes: number } | undefined> {
  const content = await store.read(recordPath(id));
  if (content === undefined) return undefined;
  try {
    const { name, bytes } = recordSchema.parse(JSON.parse(new TextDecoder().decode(content)));
    return { name, bytes };
  } catch {
    // Not written to its end: as good as not there.
    return undefined;
  }
}

/** @throws where it is not kept, or its files are not those that were kept */
export async function readEmbedder(store: FileStore, id: string): Promise<EmbedderFiles> {
  const record = await readRecord(store, id);
  if (record === undefined) throw new Error('This embedding model is not kept here any more. Add it again.');
  const files = await loadEmbedderFiles(record.name, (path) => store.read(`${filesFolder(id)}/${path}`));
  if ((await embedderId(files)) !== id) {
    throw new Error(`${record.name}: its kept files are damaged. Delete this model and add it again.`);
  }
  return files;
}

export const removeEmbedder = (store: FileStore, id: string): Promise<void> => store.remove(folderOf(id));
