/** A kept model, open to be read. */
import { messageOf } from './words.ts';
import type { FileSystem, OpenFile } from '../files/fileSystem.ts';
import type { FileOpener } from '../shards.ts';
import type { KeptFile } from './manifest.ts';

export const blobPath = (sha256: string): string => `blobs/${sha256}`;

export interface OpenModel {
  /** By the name in its folder. Weights are read from it tensor by tensor, while the model is open. */
  readonly open: FileOpener;
  readonly close: () => void;
}

/** Opens files of the store by their names. Each can be opened once at a time where the browser knows no sharing. */
export async function openFiles(fs: FileSystem, files: readonly KeptFile[]): Promise<OpenModel> {
  const opened = new Map<string, OpenFile>();
  const close = (): void => {
    for (const file of opened.values()) file.close();
    opened.clear();
  };
  try {
    for (const { name, sha256 } of files) opened.set(name, await fs.open(blobPath(sha256)));
  } catch (error) {
    close();
    throw new Error(`The kept model cannot be opened: ${messageOf(error)}`, { cause: error });
  }
  return {
    open: (name) => {
      const file = opened.get(name);
      return file === undefined
        ? Promise.reject(new Error(`The kept model has no ${name}.`))
        : Promise.resolve(file);
    },
    close,
  };
}
