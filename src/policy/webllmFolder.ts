import type { ModelRecord } from '@mlc-ai/web-llm';
import { z } from 'zod';
import { modelFolder } from './webllmRecord.ts';

/** A file of a folder that was dropped, with its path inside it. */
export interface FolderFile {
  readonly path: string;
  readonly file: Blob;
}

/** The part of the browser's CacheStorage that is used. */
export interface FolderCaches {
  open(name: string): Promise<{
    put(url: string, response: Response): Promise<void>;
    keys(): Promise<readonly { readonly url: string }[]>;
    delete(url: string): Promise<boolean>;
  }>;
}

/** Address of dropped folders. No server has it (RFC 6761), so nothing of them is ever asked of the network. */
const DROPPED = 'https://dropped.invalid/';
const CONFIG = 'mlc-chat-config.json';
const WEIGHTS = 'tensor-cache.json';

/** Caches in which web-llm looks before it fetches, and keeps what it fetched; each kind of file has its own. */
const CACHES = { config: 'webllm/config', library: 'webllm/wasm', model: 'webllm/model' } as const;

const weightsSchema = z.looseObject({ records: z.array(z.looseObject({ dataPath: z.string() })) });

export const isDropped = ({ model }: Pick<ModelRecord, 'model'>): boolean => model.startsWith(DROPPED);

/**
 * The record of a folder as mlc_llm writes it, its library (.wasm) among the files or not; `model_lib` is left empty
 * without one, for an address to be put there.
 * @throws Error naming what is missing
 */
export function recordOfFolder(name: string, files: readonly FolderFile[]): ModelRecord {
  const folder = folderOf(files, name);
  const libraries = files.filter(({ path }) => path.endsWith('.wasm'));
  if (libraries.length > 1) {
    const names = libraries.map(({ path }) => path).join(', ');
    throw new Error(`${name} holds several libraries: ${names}. Leave the one that was built for the model.`);
  }
  if (!files.some(({ path }) => path === folder + WEIGHTS)) {
    throw new Error(
      `${name} has no ${WEIGHTS} beside its ${CONFIG}. Give the whole folder that mlc_llm writes; older ones are written anew by mlc_llm convert_weight.`,
    );
  }
  const base = `${DROPPED}${encodeURIComponent(name)}`;
  const [library] = libraries;
  return {
    model: base,
    model_id: name,
    model_lib: library === undefined ? '' : `${base}/${encodeURIComponent(fileName(library.path))}`,
  };
}

/**
 * Lays a dropped folder into the caches where web-llm looks first; the bytes go from disk to disk. What an earlier
 * folder left there goes.
 * @returns reads the folder's small files as `fetch` would
 * @throws Error naming a file that tensor-cache.json lists and the folder lacks
 */
export async function keepFolder(
  record: ModelRecord,
  files: readonly FolderFile[],
  caches: FolderCaches,
): Promise<typeof fetch> {
  const folder = folderOf(files, record.model_id);
  const weights = files.find(({ path }) => path === folder + WEIGHTS);
  const listed = weightsSchema.safeParse(parsed((await weights?.file.text()) ?? ''));
  if (!listed.success) {
    throw new Error(`${folder}${WEIGHTS} lists no records of weights. Give the folder that mlc_llm writes.`);
  }
  const missing = listed.data.records.filter(({ dataPath }) =>
    files.every(({ path }) => path !== folder + dataPath),
  );
  if (missing[0] !== undefined) {
    throw new Error(
      `${WEIGHTS} lists ${missing.map(({ dataPath }) => dataPath).join(', ')}, which the folder lacks. Give the whole folder.`,
    );
  }
  await forgetFolders(caches);
  const below = `${record.model}/resolve/main/`;
  const served = new Map<string, Blob>();
  for (const { path, file } of files) {
    const library = path.endsWith('.wasm');
    if (!library && !path.startsWith(folder)) continue;
    const url = library ? record.model_lib : new URL(path.slice(folder.length), below).href;
    if (library && !url.startsWith(DROPPED)) continue;
    const kind = library ? 'library' : path === folder + CONFIG ? 'config' : 'model';
    const cache = await caches.open(CACHES[kind]);
    await cache.put(url, new Response(file));
    served.set(url, file);
  }
  return (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const file = served.get(url);
    if (file !== undefined) return Promise.resolve(new Response(file));
    if (url.startsWith(DROPPED)) {
      return Promise.resolve(new Response('', { status: 404, statusText: 'not in the dropped folder' }));
    }
    return fetch(input, init);
  };
}

/** Takes dropped folders out of the caches again. */
export async function forgetFolders(caches: FolderCaches): Promise<void> {
  await forget(caches, (url) => url.startsWith(DROPPED));
}

/** How many files of a model the browser keeps from an earlier load. */
export async function countKept(record: ModelRecord, caches: FolderCaches): Promise<number> {
  let count = 0;
  for (const name of Object.values(CACHES)) {
    const keys = await (await caches.open(name)).keys();
    count += keys.filter(({ url }) => isOf(record, url)).length;
  }
  return count;
}

/** Deletes what the browser keeps of a model; the next load fetches it anew. */
export async function forgetKept(record: ModelRecord, caches: FolderCaches): Promise<void> {
  await forget(caches, (url) => isOf(record, url));
}

async function forget(caches: FolderCaches, which: (url: string) => boolean): Promise<void> {
  for (const name of Object.values(CACHES)) {
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) if (which(url)) await cache.delete(url);
  }
}

const isOf = (record: ModelRecord, url: string): boolean =>
  url === record.model_lib || url.startsWith(modelFolder(record));

/** Path of the folder that holds the model's configuration, with a slash at its end, or empty. */
function folderOf(files: readonly FolderFile[], name: string): string {
  const configs = files.filter(({ path }) => fileName(path) === CONFIG);
  const [config] = configs;
  if (config === undefined) {
    throw new Error(`${name} has no ${CONFIG}. Give the folder that mlc_llm writes, with all its files.`);
  }
  if (configs.length > 1) {
    throw new Error(
      `${name} holds several models (${configs.map(({ path }) => path).join(', ')}). Give one.`,
    );
  }
  return config.path.slice(0, -CONFIG.length);
}

const fileName = (path: string): string => path.split('/').at(-1) ?? path;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told by the caller: not JSON and not a list need the same mend.
    return undefined;
  }
}
