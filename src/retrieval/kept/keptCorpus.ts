import { z } from 'zod';
import type { Passage } from '../retriever.ts';
import { bytesOfText, freshName, sha256, type FileStore } from './fileStore.ts';

/** A corpus that is kept: its passages in chunks, each with its hash. */
export interface KeptCorpus {
  /** Its folder. */
  readonly id: string;
  readonly name: string;
  /** Number of passages. */
  readonly passages: number;
  /** Of all chunks' hashes: the same passages in the same order have the same one. */
  readonly hash: string;
  readonly bytes: number;
  /** When it was imported, milliseconds since 1970. */
  readonly made: number;
}

const FOLDER = 'corpora';
/** Passages of one file. */
export const CHUNK = 2048;

const recordSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  passages: z.number().int().positive(),
  hash: z.string(),
  bytes: z.number(),
  made: z.number(),
  chunks: z.array(z.string()),
});
type Stored = z.infer<typeof recordSchema>;

const rowsSchema = z.array(z.tuple([z.string(), z.string(), z.string()]));

/** Passages out of the JSON that a file of them, or a part of one, holds. @throws where it is none */
export const passagesIn = (json: string): readonly Passage[] =>
  rowsSchema.parse(JSON.parse(json)).map(([id, title, text]) => ({ id, title, text }));

export const corpusFolder = (id: string): string => `${FOLDER}/${id}`;
const recordPath = (id: string): string => `${corpusFolder(id)}/corpus.json`;
const chunkPath = (id: string, chunk: number): string =>
  `${corpusFolder(id)}/passages-${String(chunk).padStart(5, '0')}.json`;

const ofStored = (id: string, { name, passages, hash, bytes, made }: Stored): KeptCorpus => ({
  id,
  ...{ name, passages, hash, bytes, made },
});

async function readStored(store: FileStore, id: string): Promise<Stored | undefined> {
  const bytes = await store.read(recordPath(id));
  if (bytes === undefined) return undefined;
  try {
    return recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    // Not written to its end, or by another version: as good as not there.
    return undefined;
  }
}

/** Whole corpora, the newest first. What an import left half-done is not among them. */
export async function listCorpora(store: FileStore): Promise<readonly KeptCorpus[]> {
  const found: KeptCorpus[] = [];
  for (const id of await store.list(FOLDER)) {
    const stored = await readStored(store, id);
    if (stored !== undefined) found.push(ofStored(id, stored));
  }
  return found.sort((a, b) => b.made - a.made);
}

/** Removes what broken imports left. No import may be under way. */
export async function sweepCorpora(store: FileStore): Promise<void> {
  for (const id of await store.list(FOLDER)) {
    if ((await readStored(store, id)) === undefined) await store.remove(corpusFolder(id));
  }
}

/**
 * Keeps passages as they come. The record is written last, so that a corpus is whole or not there; the same passages
 * are kept once. Removes what it wrote when it fails or is stopped.
 * @throws where nothing comes, where there is no room, or with the signal's reason
 */
export async function keepCorpus(
  store: FileStore,
  name: string,
  coming: AsyncIterable<readonly Passage[]>,
  signal?: AbortSignal,
): Promise<KeptCorpus> {
  const id = freshName();
  const chunks: string[] = [];
  let passages = 0;
  let bytes = 0;
  let waiting: Passage[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const content = bytesOfText(JSON.stringify(waiting.map((one) => [one.id, one.title, one.text])));
    await store.write(chunkPath(id, chunks.length), content);
    chunks.push(await sha256(content));
    passages += waiting.length;
    bytes += content.length;
    waiting = [];
  };
  try {
    for await (const some of coming) {
      signal?.throwIfAborted();
      for (const passage of some) {
        waiting.push(passage);
        if (waiting.length === CHUNK) await flush();
      }
    }
    await flush();
    if (passages === 0) throw new Error(`${name}: there is no passage in it.`);
    const hash = await sha256(bytesOfText(chunks.join('')));
    const known = (await listCorpora(store)).find((corpus) => corpus.hash === hash);
    if (known !== undefined) {
      await store.remove(corpusFolder(id));
      return known;
    }
    const stored: Stored = { version: 1, name, passages, hash, bytes, made: Date.now(), chunks };
    await store.write(recordPath(id), bytesOfText(JSON.stringify(stored)));
    return ofStored(id, stored);
  } catch (error) {
    await store.remove(corpusFolder(id));
    throw error;
  }
}

/** The passages of a kept corpus, read as they are asked for: at most one chunk of them is in memory. */
export class KeptPassages {
  readonly corpus: KeptCorpus;
  private readonly store: FileStore;
  private readonly hashes: readonly string[];
  private held: { readonly chunk: number; readonly passages: readonly Passage[] } | undefined;

  private constructor(store: FileStore, corpus: KeptCorpus, hashes: readonly string[]) {
    this.store = store;
    this.corpus = corpus;
    this.hashes = hashes;
  }

  /** @throws where it is not kept */
  static async open(store: FileStore, id: string): Promise<KeptPassages> {
    const stored = await readStored(store, id);
    if (stored === undefined) throw new Error('This corpus is not kept here any more. Import it again.');
    return new KeptPassages(store, ofStored(id, stored), stored.chunks);
  }

  /** `count` passages from the `first` on. @throws naming the file that is missing or is not as it was written */
  async rows(first: number, count: number): Promise<readonly Passage[]> {
    const end = Math.min(this.corpus.passages, first + count);
    const found: Passage[] = [];
    while (first + found.length < end) {
      const at = first + found.length;
      const begin = at % CHUNK;
      const chunk = await this.chunk((at - begin) / CHUNK);
      if (chunk.length <= begin) throw this.wrong((at - begin) / CHUNK, 'too short');
      found.push(...chunk.slice(begin, begin + end - at));
    }
    return found;
  }

  /** Number of files. */
  get chunks(): number {
    return this.hashes.length;
  }

  /** A whole file of passages as it was written. @throws as `rows` does */
  async content(chunk: number): Promise<Uint8Array<ArrayBuffer>> {
    const content = await this.store.read(chunkPath(this.corpus.id, chunk));
    if (content === undefined) throw this.wrong(chunk, 'missing');
    if ((await sha256(content)) !== this.hashes[chunk]) throw this.wrong(chunk, 'damaged');
    return content;
  }

  /** Bytes `begin` to `end` of a file of passages, as they are now. @throws where it is missing or ends before */
  async part(chunk: number, begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const part = await this.store.readPart(chunkPath(this.corpus.id, chunk), begin, end);
    if (part === undefined) throw this.wrong(chunk, 'missing');
    if (part.length < end - begin) throw this.wrong(chunk, 'too short');
    return part;
  }

  private async chunk(chunk: number): Promise<readonly Passage[]> {
    if (this.held?.chunk === chunk) return this.held.passages;
    const passages = passagesIn(new TextDecoder().decode(await this.content(chunk)));
    this.held = { chunk, passages };
    return passages;
  }

  /** What to tell of a file that cannot be used. */
  wrong(chunk: number, how: 'missing' | 'damaged' | 'too short'): Error {
    const { name, id } = this.corpus;
    return new Error(`“${name}”: ${chunkPath(id, chunk)} is ${how}. Delete this corpus and import it again.`);
  }
}

export const removeCorpus = (store: FileStore, id: string): Promise<void> => store.remove(corpusFolder(id));
