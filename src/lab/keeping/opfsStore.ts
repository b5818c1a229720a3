import type { FileStore } from '../../retrieval/kept/fileStore.ts';

/** Below the page's private files: what the corpora, their indexes and the embedding models are kept in. */
const TOP = 'retrieval';

const isNamed = (error: unknown, name: string): boolean =>
  error instanceof DOMException && error.name === name;

function absent(error: unknown): undefined {
  if (!isNamed(error, 'NotFoundError') && !isNamed(error, 'TypeMismatchError')) throw error;
}

const split = (path: string): readonly [folder: string, name: string] => {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)];
};

/** @throws in plain words where the browser has no such storage for this page */
export async function openOpfsStore(): Promise<FileStore> {
  // Not there over plain http, whatever the types say.
  const storage = navigator.storage as StorageManager | undefined;
  if (typeof storage?.getDirectory !== 'function') {
    throw new Error(
      'This browser keeps no files for this page: it does so over https and on localhost, in a recent browser, outside private windows.',
    );
  }
  const root = await (await storage.getDirectory()).getDirectoryHandle(TOP, { create: true });

  const folderAt = async (path: string, create: boolean): Promise<FileSystemDirectoryHandle | undefined> => {
    let handle = root;
    for (const part of path.split('/').filter((name) => name !== '')) {
      const next = await handle.getDirectoryHandle(part, { create }).catch(absent);
      if (next === undefined) return undefined;
      handle = next;
    }
    return handle;
  };
  const noRoom = async (): Promise<Error> => {
    const { quota = 0, usage = 0 } = await storage.estimate();
    const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
    return new Error(
      `There is no room left: this browser gives the page ${megabytes(quota)}, and ${megabytes(usage)} are in use. ` +
        'Delete kept corpora, indexes or models, or make room on the disk; what is done so far is kept.',
    );
  };

  return {
    async list(folder) {
      const handle = await folderAt(folder, false);
      const names: string[] = [];
      if (handle !== undefined) for await (const name of handle.keys()) names.push(name);
      return names;
    },
    async read(path) {
      const [folder, name] = split(path);
      const handle = await (await folderAt(folder, false))?.getFileHandle(name).catch(absent);
      if (handle === undefined) return undefined;
      return new Uint8Array(await (await handle.getFile()).arrayBuffer());
    },
    async write(path, bytes) {
      const [folder, name] = split(path);
      try {
        const handle = await (await folderAt(folder, true))?.getFileHandle(name, { create: true });
        // Written beside the file, which it replaces when it is closed: a file is never there in part.
        const writing = await handle?.createWritable();
        await writing?.write(bytes);
        await writing?.close();
      } catch (error) {
        throw isNamed(error, 'QuotaExceededError') ? await noRoom() : error;
      }
    },
    async remove(path) {
      const [folder, name] = split(path);
      await (await folderAt(folder, false))?.removeEntry(name, { recursive: true }).catch(absent);
    },
  };
}
