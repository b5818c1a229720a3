import { z } from 'zod';
import { bytesOfText, type FileStore } from './fileStore.ts';
import { corpusFolder, type KeptCorpus } from './keptCorpus.ts';

/** Which model made an index: one index a corpus and model. */
export interface IndexModel {
  /** Hash of the model's files and of what is done around them. */
  readonly id: string;
  readonly name: string;
  readonly dimension: number;
}

/** Vectors of a corpus as far as they are made. */
export interface IndexRecord {
  readonly corpus: string;
  readonly model: IndexModel;
  /** Passages whose vectors are kept, from the first on. */
  readonly done: number;
  readonly bytes: number;
}

/** Passages of one file of vectors. What is not yet in a file when the tab closes is embedded again. */
export const SHARD = 256;
const DIGEST = 32;

const modelSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  name: z.string(),
  dimension: z.number().int().positive(),
});

const PREFIX = 'index-';
const indexFolder = (corpus: string, model: string): string => `${corpusFolder(corpus)}/${PREFIX}${model}`;
const shardName = (shard: number): string => `vectors-${String(shard).padStart(5, '0')}.f32`;

const digestOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/**
 * Vectors of one corpus by one model, on file: shards of SHARD rows (the last may have fewer), each 32-bit floats and
 * behind them their SHA-256. A shard that is torn, or of another size, counts as not there.
 */
export class KeptIndex {
  readonly corpus: KeptCorpus;
  readonly model: IndexModel;
  private readonly store: FileStore;
  private readonly folder: string;

  private constructor(store: FileStore, corpus: KeptCorpus, model: IndexModel) {
    this.store = store;
    this.corpus = corpus;
    this.model = model;
    this.folder = indexFolder(corpus.id, model.id);
  }

  /** The index of a corpus by a model; begins one where there is none. */
  static async begin(store: FileStore, corpus: KeptCorpus, model: IndexModel): Promise<KeptIndex> {
    const index = new KeptIndex(store, corpus, model);
    const path = `${index.folder}/index.json`;
    if ((await readModel(store, path)) === undefined) {
      await store.write(path, bytesOfText(JSON.stringify({ version: 1, ...model })));
    }
    return index;
  }

  /** @throws where it is not kept */
  static async open(store: FileStore, corpus: KeptCorpus, modelId: string): Promise<KeptIndex> {
    const model = await readModel(store, `${indexFolder(corpus.id, modelId)}/index.json`);
    if (model === undefined) {
      throw new Error(`“${corpus.name}” has no index by this model any more. Index it again.`);
    }
    return new KeptIndex(store, corpus, model);
  }

  get shards(): number {
    return Math.ceil(this.corpus.passages / SHARD);
  }

  /** Passages of a shard: the first, and how many. */
  rowsOf(shard: number): readonly [first: number, count: number] {
    const first = shard * SHARD;
    return [first, Math.min(SHARD, this.corpus.passages - first)];
  }

  /** Flat [rows, dimension]; undefined where the shard is not there, or not as it was written. */
  async read(shard: number): Promise<Float32Array | undefined> {
    const bytes = await this.store.read(`${this.folder}/${shardName(shard)}`);
    const [, count] = this.rowsOf(shard);
    const size = 4 * count * this.model.dimension;
    if (bytes?.length !== size + DIGEST) return undefined;
    const digest = await digestOf(bytes.subarray(0, size));
    if (digest.some((byte, i) => byte !== bytes[size + i])) return undefined;
    return new Float32Array(bytes.slice(0, size).buffer);
  }

  async write(shard: number, vectors: Float32Array): Promise<void> {
    const values = new Uint8Array(4 * vectors.length);
    values.set(new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
    const whole = new Uint8Array(values.length + DIGEST);
    whole.set(values);
    whole.set(await digestOf(values), values.length);
    await this.store.write(`${this.folder}/${shardName(shard)}`, whole);
  }
}

async function readModel(store: FileStore, path: string): Promise<IndexModel | undefined> {
  const bytes = await store.read(path);
  if (bytes === undefined) return undefined;
  try {
    const { id, name, dimension } = modelSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return { id, name, dimension };
  } catch {
    // Torn: begun anew, and its shards are judged one by one.
    return undefined;
  }
}

/** All indexes of a corpus. How far they are is counted by their files, which are read only when they are used. */
export async function listIndexes(store: FileStore, corpus: KeptCorpus): Promise<readonly IndexRecord[]> {
  const found: IndexRecord[] = [];
  for (const name of await store.list(corpusFolder(corpus.id))) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = `${corpusFolder(corpus.id)}/${name}`;
    const model = await readModel(store, `${folder}/index.json`);
    if (model === undefined) continue;
    const files = new Set(await store.list(folder));
    let shards = 0;
    while (files.has(shardName(shards))) shards++;
    const done = Math.min(shards * SHARD, corpus.passages);
    found.push({ corpus: corpus.id, model, done, bytes: 4 * done * model.dimension + shards * DIGEST });
  }
  return found.sort((a, b) => (a.model.name < b.model.name ? -1 : 1));
}

export const removeIndex = (store: FileStore, corpus: string, model: string): Promise<void> =>
  store.remove(indexFolder(corpus, model));
