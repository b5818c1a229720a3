import { sha256 as sha256Of } from 'hash-wasm';
import { embedderPaths, isEmbedder, networkAmong, type Precision } from '../../retrieval/embedderNetworks.ts';
import { cardOf, diskRefusal, refusalOf, type Room } from './card.ts';
import { checkModel, checkSmallFiles } from './check.ts';
import { copyFile, type LocalFile } from './copyFile.ts';
import { checkSmall, embedderCard, type RunEmbedder } from './embedders.ts';
import { fetchFile } from './fetchFile.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import type { HubFile } from './hub.ts';
import { hubAccess, type Fetch, type HubAccess, type HubTokens } from './hubAccess.ts';
import { inspectHub, type Choice, type Inspected, type Offer, type Wanted } from './inspect.ts';
import { layoutOf, type Layout } from './layout.ts';
import { localName } from './localName.ts';
import type { AnyKept, KeptFile, ModelOrigin } from './manifest.ts';
import { blobPath, openFiles } from './openModel.ts';
import { Progress, type ModelProgress } from './progress.ts';
import { partialPath, Shelf, type Listing } from './shelf.ts';
import { messageOf } from './words.ts';
import type { FileOpener } from '../shards.ts';

/** What the store needs of the place it runs in. */
export interface StorePlace {
  readonly fs: FileSystem;
  readonly fetch: Fetch;
  /** Milliseconds. */
  readonly now: () => number;
  /** Bytes of working memory, where the browser says. */
  readonly memory: number | undefined;
  readonly runEmbedder: RunEmbedder;
}

/** A file on its way into the store. */
interface Incoming {
  readonly name: string;
  readonly bytes: number;
  /** What the hub says it is. */
  readonly sha256?: string;
  /** Its name among the partial files. */
  readonly partial: string;
  readonly bring: (to: string, onBytes: (have: number) => void) => Promise<{ readonly sha256: string }>;
}

interface IncomingModel {
  readonly name: string;
  readonly layout: Layout;
  readonly files: readonly Incoming[];
  readonly origin: ModelOrigin;
}

type Tell = (progress: ModelProgress) => void;

/** Models in a browser's own storage: opened from a hub or from the visitor's disk, listed, taken away. */
export class ModelStore {
  private readonly place: StorePlace;
  private readonly shelf: Shelf;
  /** By name: what the page has been offered, to be taken. */
  private readonly offers = new Map<string, Inspected>();

  /** In memory alone: nothing of them is ever written. */
  private tokens: HubTokens = {};

  constructor(place: StorePlace) {
    this.place = place;
    this.shelf = new Shelf(place.fs);
  }

  /** From now on hubs are asked with these. */
  useTokens(tokens: HubTokens): void {
    this.tokens = tokens;
  }

  list(): Promise<Listing> {
    return this.shelf.list();
  }

  /** What a repository would be here. Nothing is kept of it yet. */
  async inspect(wanted: Wanted, signal: AbortSignal): Promise<Offer | Choice> {
    const inspected = await inspectHub(this.hub(wanted.hub), wanted, await this.room(), signal);
    if ('gguf' in inspected) return inspected;
    this.offers.set(inspected.offer.name, inspected);
    return inspected.offer;
  }

  /**
   * Fetches what has been offered under a name, or goes on with a download that has begun. What has come stays when it
   * is stopped or the connection breaks.
   */
  async download(name: string, signal: AbortSignal, tell: Tell): Promise<AnyKept> {
    const { offer, files } = this.offers.get(name) ?? (await this.offerAgain(name, signal));
    if (offer.refusal !== undefined) throw new Error(offer.refusal);
    const { fs } = this.place;
    const { hub: address, repository: id } = offer.origin;
    const hub = this.hub(address);
    const incoming = await Promise.all(
      files.map(async (file): Promise<Incoming> => ({
        name: file.path,
        bytes: file.bytes,
        ...('sha256' in file.checksum ? { sha256: file.checksum.sha256 } : {}),
        partial: await partialName(file),
        bring: (partial, onBytes) => fetchFile(file, { fs, hub, id, partial, signal, onBytes }),
      })),
    );
    const layout: Layout = { kind: offer.kind, files: files.map(({ path }) => path) };
    return this.take({ name, layout, files: incoming, origin: offer.origin }, signal, tell);
  }

  /**
   * Copies a model from the visitor's disk: the files of one folder, or one GGUF file. Nothing is left of one that fails.
   * @param folder its name; of loose files none, and the model is called by what they say
   * @param embedder an embedding model is wanted, so precise
   */
  async takeFiles(
    folder: string | undefined,
    given: readonly LocalFile[],
    signal: AbortSignal,
    tell: Tell,
    embedder?: Precision,
  ): Promise<AnyKept> {
    const layout = localLayout(
      folder ?? 'What you chose',
      given.map(({ name }) => name),
      embedder,
    );
    const chosen = layout.files.flatMap((wanted) => given.find((file) => file.name === wanted) ?? []);
    const named = layout.kind === 'gguf' ? undefined : folder;
    const name = await this.freeName(named ?? (await localName(layout, chosen)));
    const bytes = chosen.reduce((sum, { content }) => sum + content.size, 0);
    const refused = diskRefusal(bytes, await this.room());
    if (refused !== undefined) throw new Error(refused);
    const { fs } = this.place;
    const files = chosen.map((file, i): Incoming => ({
      name: file.name,
      bytes: file.content.size,
      partial: `local-${i}`,
      bring: (to, onBytes) => copyFile(file, fs, to, signal, onBytes),
    }));
    return this.take({ name, layout, files, origin: { kind: 'files' } }, signal, tell);
  }

  remove(name: string): Promise<void> {
    return this.shelf.remove(name);
  }

  discard(name: string): Promise<void> {
    return this.shelf.discard(name);
  }

  private async offerAgain(name: string, signal: AbortSignal): Promise<Inspected> {
    const begun = await this.shelf.begun(name);
    if (begun === undefined) throw new Error(`Nothing is known of ${name}. Look it up again.`);
    const { hub, repository: id, commit: revision, gguf, precision } = begun.source;
    const wanted = { hub, id, revision, gguf, embedder: precision };
    const { disk, ...room } = await this.room();
    // What has come of it needs no more room.
    const left = disk === undefined ? undefined : disk + (await this.shelf.have(begun));
    const inspected = await inspectHub(this.hub(hub), wanted, { ...room, disk: left }, signal);
    if ('gguf' in inspected) throw new Error(`${id} has other files now. Look it up again.`);
    this.offers.set(name, inspected);
    return inspected;
  }

  /** Folders of one name may be two models; so may be what is kept and what is on its way. */
  private async freeName(name: string): Promise<string> {
    for (let i = 1; ; i++) {
      const free = i === 1 ? name : `${name} (${i})`;
      if (!(await this.shelf.isTaken(free))) return free;
    }
  }

  private hub(address: string): HubAccess {
    return hubAccess(this.place.fetch, address, this.tokens);
  }

  private async room(): Promise<Room> {
    return { memory: this.place.memory, disk: await this.place.fs.room() };
  }

  /** Brings the files, checks the whole, and only then lists it. Nothing is left of what is no model of ours. */
  private async take(model: IncomingModel, signal: AbortSignal, tell: Tell): Promise<AnyKept> {
    const { name, origin } = model;
    const files: KeptFile[] = [];
    try {
      await this.bringAll(model, files, signal, tell);
      const kept = await this.whole(model, files);
      await this.shelf.putKept(kept);
      return kept;
    } catch (error) {
      this.shelf.release(files);
      if (error instanceof Rejected || origin.kind === 'files') await this.shelf.discard(name);
      throw error;
    } finally {
      this.shelf.release(files);
    }
  }

  /** What is written of a model whose files are all here. @throws Rejected where they are no model of ours */
  private async whole({ name, layout, origin }: IncomingModel, files: KeptFile[]): Promise<AnyKept> {
    const stored = { version: 1, name, files, source: origin, kept: Date.now() } as const;
    const { fs, runEmbedder } = this.place;
    if (layout.kind === 'embedder') {
      const card = await embedderCard(fs, name, files, runEmbedder).catch(rejected);
      return { ...stored, kind: layout.kind, card };
    }
    const card = cardOf(await this.checked(files, (open) => checkModel(layout, open)));
    const refused = refusalOf(card, 0, await this.room());
    if (refused !== undefined) throw new Rejected(refused);
    return { ...stored, kind: layout.kind, card };
  }

  /** Small files come first: a tokenizer of another model is found before the weights are waited for. */
  private async bringAll(
    { name, layout, files: incoming, origin }: IncomingModel,
    files: KeptFile[],
    signal: AbortSignal,
    tell: Tell,
  ): Promise<void> {
    const total = incoming.reduce((sum, { bytes }) => sum + bytes, 0);
    const progress = new Progress(name, total, this.place.now, tell);
    const firstWeights = incoming.findIndex((file) => WEIGHTS.test(file.name));
    for (const [i, file] of incoming.entries()) {
      signal.throwIfAborted();
      if (layout.kind === 'folder' && i === firstWeights) await this.checked(files, checkSmallFiles);
      if (layout.kind === 'embedder' && i === firstWeights) {
        await checkSmall(this.place.fs, name, files).catch(rejected);
      }
      if (origin.kind === 'hub') {
        const partial = incoming.slice(i).map((other) => other.partial);
        await this.shelf.putBegun({ version: 1, name, source: origin, bytes: total, files, partial });
      }
      files.push(await this.bring(file, progress));
    }
  }

  private async bring(file: Incoming, progress: Progress): Promise<KeptFile> {
    const { name, bytes, partial } = file;
    const { fs } = this.place;
    if (file.sha256 !== undefined && (await fs.size(blobPath(file.sha256))) === bytes) {
      progress.end(bytes);
      return { name, bytes, sha256: file.sha256 };
    }
    progress.begin(name, (await fs.size(partialPath(partial))) ?? 0);
    const { sha256 } = await file.bring(partialPath(partial), (have) => progress.bytes(have));
    await this.shelf.shelve(partial, sha256);
    progress.end(bytes);
    return { name, bytes, sha256 };
  }

  /** Looks at files that are here. @throws Rejected where they are no model of ours */
  private async checked<T>(files: readonly KeptFile[], check: (open: FileOpener) => Promise<T>): Promise<T> {
    const opened = await openFiles(this.place.fs, files);
    try {
      return await check(opened.open);
    } catch (error) {
      return rejected(error);
    } finally {
      opened.close();
    }
  }
}

/** What came is whole and right, and no model that can be run here. */
class Rejected extends Error {}

function rejected(error: unknown): never {
  throw new Rejected(messageOf(error), { cause: error });
}

/** The first file of weights; modules.json is none. */
const WEIGHTS = /(^|\/)model[^/]*\.(safetensors|safetensors\.index\.json|gguf|onnx)$|\.onnx$/;

function localLayout(folder: string, paths: readonly string[], embedder: Precision | undefined): Layout {
  const precision = embedder ?? (isEmbedder(paths) ? 'quantised' : undefined);
  if (precision === undefined) {
    return layoutOf(
      folder,
      paths.filter((path) => !path.includes('/')),
    );
  }
  return { kind: 'embedder', files: embedderPaths(paths, networkAmong(folder, paths, precision)) };
}

/** The same for the same content and address, whoever asks for it; short enough for a file's name. */
async function partialName({ url, checksum }: HubFile): Promise<string> {
  return 'sha256' in checksum ? checksum.sha256 : sha256Of(url);
}
