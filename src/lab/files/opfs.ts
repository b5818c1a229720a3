/** The file system that a browser keeps for this page alone (OPFS), as a worker sees it. */
import type { FileSystem, FileWriter, OpenFile } from './fileSystem.ts';

/** `mode` lets several read one file; browsers that do not know it open the file for one alone. */
interface AccessOptions {
  readonly mode: 'read-only' | 'readwrite';
}
interface MovableFile extends FileSystemFileHandle {
  createSyncAccessHandle(options?: AccessOptions): Promise<FileSystemSyncAccessHandle>;
  move(folder: FileSystemDirectoryHandle, name: string): Promise<void>;
}

/** Folders of the page's own storage: `retrieval` holds corpora, their indexes and embedding models. */
export type OpfsFolder = 'models' | 'retrieval';

/** @throws Error in words where the browser has no such storage for this page */
export async function openOpfs(folder: OpfsFolder): Promise<FileSystem> {
  // Not there over plain http, whatever the types say.
  const storage = navigator.storage as StorageManager | undefined;
  if (typeof storage?.getDirectory !== 'function') {
    throw new Error(
      'This browser keeps no files for this page: it does so over https and on localhost, in a recent browser, outside private windows.',
    );
  }
  const root = await storage
    .getDirectory()
    .then((top) => top.getDirectoryHandle(folder, { create: true }))
    .catch((error: unknown) => {
      throw new Error(`This browser’s storage for the page cannot be opened (${textOf(error)}).`, {
        cause: error,
      });
    });
  return new Opfs(root, storage);
}

class Opfs implements FileSystem {
  private readonly root: FileSystemDirectoryHandle;
  private readonly storage: StorageManager;

  constructor(root: FileSystemDirectoryHandle, storage: StorageManager) {
    this.root = root;
    this.storage = storage;
  }

  async size(path: string): Promise<number | undefined> {
    const handle = await this.find(path);
    return handle && (await handle.getFile()).size;
  }

  async list(folder: string): Promise<readonly string[]> {
    const names: string[] = [];
    const handle = await this.folder(folder, false);
    if (handle !== undefined) for await (const name of handle.keys()) names.push(name);
    return names.sort();
  }

  async read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    // Not by an access handle: another reader or writer would be in its way.
    const file = await (await this.find(path))?.getFile();
    return file && new Uint8Array(await file.arrayBuffer());
  }

  async readPart(path: string, begin: number, end: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const file = await (await this.find(path))?.getFile();
    return file && new Uint8Array(await file.slice(begin, end).arrayBuffer());
  }

  /** Written beside its place and moved there: a file is never there in part. */
  async write(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const beside = `${path}.new`;
    try {
      const writer = await this.append(beside, 0);
      try {
        writer.write(bytes);
      } finally {
        writer.close();
      }
    } catch (error) {
      if (!isNamed(error, 'QuotaExceededError')) throw error;
      await this.remove(beside);
      throw await this.noRoom(error);
    }
    await this.move(beside, path);
  }

  async append(path: string, keep: number): Promise<FileWriter> {
    const access = await (await this.make(path)).createSyncAccessHandle().catch(inUse(path));
    access.truncate(keep);
    let at = keep;
    return {
      write: (bytes) => {
        let written = 0;
        while (written < bytes.length) {
          const more = access.write(bytes.subarray(written), { at });
          // Where the disk is full browsers throw, or write nothing; Chromium answers 2³² − 8, and may have written a part.
          if (more <= 0 || more > bytes.length - written) {
            access.truncate(at);
            throw new DOMException('Nothing more could be written.', 'QuotaExceededError');
          }
          written += more;
          at += more;
        }
      },
      close: () => {
        try {
          access.flush();
        } finally {
          access.close();
        }
      },
    };
  }

  async open(path: string): Promise<OpenFile> {
    const handle = await this.find(path);
    if (handle === undefined) throw new Error(`${path} is not in this browser’s storage any more.`);
    const access = await handle.createSyncAccessHandle({ mode: 'read-only' }).catch(inUse(path));
    return {
      size: access.getSize(),
      read: (begin, end) => {
        const bytes = new Uint8Array(end - begin);
        if (access.read(bytes, { at: begin }) !== bytes.length) {
          throw new Error(`${path} ends before byte ${end} in this browser’s storage.`);
        }
        return bytes;
      },
      close: () => access.close(),
    };
  }

  async move(from: string, to: string): Promise<void> {
    const handle = await this.find(from);
    const { folder, name } = parted(to);
    const into = await this.folder(folder, true);
    if (handle === undefined || into === undefined) throw new Error(`${from} is not there to be moved.`);
    await handle.move(into, name).catch(inUse(from));
  }

  async remove(path: string): Promise<void> {
    const { folder, name } = parted(path);
    const handle = await this.folder(folder, false);
    await handle?.removeEntry(name, { recursive: true }).catch((error: unknown) => {
      if (!isNamed(error, 'NotFoundError')) inUse(path)(error);
    });
  }

  async room(): Promise<number | undefined> {
    const { quota, usage } = await this.storage.estimate();
    return quota === undefined ? undefined : Math.max(0, quota - (usage ?? 0));
  }

  private async noRoom(cause: unknown): Promise<Error> {
    const { quota = 0, usage = 0 } = await this.storage.estimate();
    const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
    return new Error(
      `There is no room left: this browser gives the page ${megabytes(quota)}, and ${megabytes(usage)} are in use. ` +
        'Delete kept corpora, indexes or models, or make room on the disk; what is done so far is kept.',
      { cause },
    );
  }

  private async folder(path: string, create: boolean): Promise<FileSystemDirectoryHandle | undefined> {
    let handle = this.root;
    for (const part of path.split('/').filter((name) => name !== '')) {
      const next = await handle.getDirectoryHandle(part, { create }).catch(absent);
      if (next === undefined) return undefined;
      handle = next;
    }
    return handle;
  }

  private async find(path: string): Promise<MovableFile | undefined> {
    const { folder, name } = parted(path);
    const handle = await this.folder(folder, false);
    return (await handle?.getFileHandle(name).catch(absent)) as MovableFile | undefined;
  }

  private async make(path: string): Promise<MovableFile> {
    const { folder, name } = parted(path);
    const handle = await this.folder(folder, true);
    if (handle === undefined) throw new Error(`The folder ${folder} cannot be made.`);
    return (await handle.getFileHandle(name, { create: true })) as MovableFile;
  }
}

function parted(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(0, slash)), name: path.slice(slash + 1) };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isNamed = (error: unknown, name: string): boolean =>
  error instanceof DOMException && error.name === name;

function absent(error: unknown): undefined {
  if (!isNamed(error, 'NotFoundError') && !isNamed(error, 'TypeMismatchError')) throw error;
}

/** A file that another tab or worker has open is refused by a name of its own. */
const inUse =
  (path: string) =>
  (error: unknown): never => {
    if (!isNamed(error, 'NoModificationAllowedError')) throw error;
    throw new Error(
      `${path} is in use: by a download in another tab, or by the policy that is loaded. Close that first.`,
      { cause: error },
    );
  };
