import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileStore } from '../../src/retrieval/kept/fileStore.ts';

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** A folder of this computer as a place to keep corpora and indexes in. */
export function folderStore(folder: string): FileStore {
  const unlessAbsent = (error: unknown): undefined => {
    if (!isAbsent(error)) throw error;
  };
  return {
    list: (path) =>
      readdir(join(folder, path)).catch((error: unknown) => {
        if (isAbsent(error)) return [];
        throw error;
      }),
    read: (path) => readFile(join(folder, path)).then((bytes) => new Uint8Array(bytes), unlessAbsent),
    readPart: async (path, begin, end) => {
      const file = await open(join(folder, path)).catch(unlessAbsent);
      if (file === undefined) return undefined;
      try {
        const { bytesRead, buffer } = await file.read(new Uint8Array(end - begin), 0, end - begin, begin);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    write: async (path, bytes) => {
      const whole = join(folder, path);
      await mkdir(dirname(whole), { recursive: true });
      // Moved to its place when it is whole: a file is never there in part.
      await writeFile(`${whole}.new`, bytes);
      await rename(`${whole}.new`, whole);
    },
    remove: (path) => rm(join(folder, path), { recursive: true, force: true }),
  };
}
