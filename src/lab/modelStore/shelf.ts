import { bytesOfText } from '../../retrieval/kept/fileStore.ts';
import { readText, type FileSystem } from '../files/fileSystem.ts';
import {
  parseBegun,
  parseKept,
  type AnyKept,
  type BegunModel,
  type KeptEmbedder,
  type KeptFile,
  type KeptModel,
} from './manifest.ts';
import { blobPath } from './openModel.ts';

export interface Listing {
  /** Policies, the newest first. */
  readonly kept: readonly KeptModel[];
  /** Embedding models, the newest first. */
  readonly embedders: readonly KeptEmbedder[];
  /** Downloads that are not whole, and how many of their bytes are here. */
  readonly begun: readonly (BegunModel & { readonly have: number })[];
  /** Bytes that all of it takes in this browser; what several models share is there once. */
  readonly bytes: number;
  /** What could not be read. */
  readonly problems: readonly string[];
}

const KEPT = 'kept';
const BEGUN = 'begun';
const PARTIAL = 'partial';

const manifestPath = (folder: string, name: string): string => `${folder}/${encodeURIComponent(name)}.json`;
export const partialPath = (name: string): string => `${PARTIAL}/${name}`;

/**
 * What lies in the store. A file lies under its SHA-256; a model is a list of files, written when all of them are
 * there, so that what is listed is whole. Files that no list names are swept away.
 */
export class Shelf {
  readonly fs: FileSystem;
  /** Hashes of files of models on their way, which no list names yet. */
  private readonly held = new Set<string>();

  constructor(fs: FileSystem) {
    this.fs = fs;
  }

  async list(): Promise<Listing> {
    const [kept, begun] = [await this.read(KEPT, parseKept), await this.read(BEGUN, parseBegun)];
    const newest = kept.found.sort((a, b) => b.kept - a.kept);
    return {
      kept: newest.filter((model) => model.kind !== 'embedder'),
      embedders: newest.filter((model) => model.kind === 'embedder'),
      begun: await Promise.all(
        begun.found.map(async (model) => ({ ...model, have: await this.have(model) })),
      ),
      bytes: (await this.sizeOf('blobs')) + (await this.sizeOf(PARTIAL)),
      problems: [...kept.problems, ...begun.problems],
    };
  }

  private async sizeOf(folder: string): Promise<number> {
    const names = await this.fs.list(folder);
    const sizes = await Promise.all(names.map((name) => this.fs.size(`${folder}/${name}`)));
    return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  }

  async kept(name: string): Promise<AnyKept | undefined> {
    const text = await readText(this.fs, manifestPath(KEPT, name));
    return text === undefined ? undefined : parseKept(text);
  }

  async begun(name: string): Promise<BegunModel | undefined> {
    const text = await readText(this.fs, manifestPath(BEGUN, name));
    return text === undefined ? undefined : parseBegun(text);
  }

  /** Whether a model of this name is kept, or on its way. */
  async isTaken(name: string): Promise<boolean> {
    const sizes = await Promise.all([KEPT, BEGUN].map((folder) => this.fs.size(manifestPath(folder, name))));
    return sizes.some((size) => size !== undefined);
  }

  async putBegun(model: BegunModel): Promise<void> {
    await this.fs.write(manifestPath(BEGUN, model.name), bytesOfText(JSON.stringify(model)));
  }

  /** From now on the model is there; its download, if it was one, is over. */
  async putKept(model: AnyKept): Promise<void> {
    await this.fs.write(manifestPath(KEPT, model.name), bytesOfText(JSON.stringify(model)));
    await this.discard(model.name);
  }

  /** Takes a kept model away, with the files that no other has. */
  async remove(name: string): Promise<void> {
    await this.fs.remove(manifestPath(KEPT, name));
    await this.sweep();
  }

  /** Throws away what has come of a download. */
  async discard(name: string): Promise<void> {
    await this.fs.remove(manifestPath(BEGUN, name));
    await this.sweep();
  }

  /** Puts a partial file that is whole now under its hash. It is not swept away before it is released. */
  async shelve(partial: string, sha256: string): Promise<void> {
    this.held.add(sha256);
    if ((await this.fs.size(blobPath(sha256))) !== undefined) await this.fs.remove(partialPath(partial));
    else await this.fs.move(partialPath(partial), blobPath(sha256));
  }

  /** These files are in a list by now, or not wanted any more. */
  release(files: readonly KeptFile[]): void {
    for (const { sha256 } of files) this.held.delete(sha256);
  }

  /** Bytes that are here of a download. */
  async have({ files, partial }: BegunModel): Promise<number> {
    const sizes = await Promise.all(partial.map((name) => this.fs.size(partialPath(name))));
    const whole = files.reduce((sum, { bytes }) => sum + bytes, 0);
    return sizes.reduce<number>((sum, size) => sum + (size ?? 0), whole);
  }

  private async read<T>(
    folder: string,
    parse: (text: string) => T | undefined,
  ): Promise<{ readonly found: T[]; readonly problems: readonly string[] }> {
    const found: T[] = [];
    const problems: string[] = [];
    for (const file of (await this.fs.list(folder)).filter((name) => name.endsWith('.json'))) {
      const model = parse((await readText(this.fs, `${folder}/${file}`)) ?? '');
      if (model !== undefined) found.push(model);
      else {
        const name = decodeURIComponent(file.replace(/\.json$/, ''));
        problems.push(`What is kept of ${name} cannot be read: another version of this page wrote it.`);
      }
    }
    return { found, problems };
  }

  private async sweep(): Promise<void> {
    const { kept, embedders, begun, problems } = await this.list();
    // Files of a list that cannot be read may be wanted by a later version of the page.
    if (problems.length > 0) return;
    const files: readonly KeptFile[] = [...kept, ...embedders, ...begun].flatMap((model) => model.files);
    const blobs = new Set(files.map(({ sha256 }) => sha256));
    const partial = new Set(
      begun.flatMap((model) => model.partial.flatMap((name) => [name, `${name}.etag`])),
    );
    for (const name of await this.fs.list('blobs')) {
      if (!blobs.has(name) && !this.held.has(name)) await this.fs.remove(blobPath(name));
    }
    for (const name of await this.fs.list(PARTIAL)) {
      if (!partial.has(name)) await this.fs.remove(partialPath(name));
    }
  }
}
