import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TuningStore } from '../engine/webgpu/matmulTuner.ts';

/** Keeps the kernels chosen for an adapter in a file of the user's cache folder, one for each key. */
export function tuningFiles(folder = cacheFolder()): TuningStore {
  const fileOf = (key: string): string => join(folder, `${key.replace(/[^\w.-]+/g, '_')}.json`);
  return {
    read: async (key): Promise<unknown> => JSON.parse(await readFile(fileOf(key), 'utf8')),
    write: async (key, table) => {
      await mkdir(folder, { recursive: true });
      await writeFile(fileOf(key), JSON.stringify(table));
    },
  };
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'research-playground');
}
