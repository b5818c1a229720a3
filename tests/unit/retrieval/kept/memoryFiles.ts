import type { FileStore } from '../../../../src/retrieval/kept/fileStore.ts';

export interface MemoryFiles extends FileStore {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  /** Bytes it takes; a write beyond them is refused, as a browser does. */
  room: number;
}

/** A file system in memory, with a disk that can be full. */
export function memoryFiles(): MemoryFiles {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const store: MemoryFiles = {
    files,
    room: Infinity,
    list: (folder) => {
      const names = [...files.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1).split('/')[0] ?? '');
      return Promise.resolve([...new Set(names)]);
    },
    read: (path) => Promise.resolve(files.get(path)?.slice()),
    readPart: (path, begin, end) => Promise.resolve(files.get(path)?.slice(begin, end)),
    write: (path, bytes) => {
      const used = [...files].reduce((sum, [at, { length }]) => sum + (at === path ? 0 : length), 0);
      if (used + bytes.length > store.room) return Promise.reject(new Error('There is no room left.'));
      files.set(path, bytes.slice());
      return Promise.resolve();
    },
    remove: (path) => {
      for (const at of [...files.keys()]) if (at === path || at.startsWith(`${path}/`)) files.delete(at);
      return Promise.resolve();
    },
  };
  return store;
}
