import { breathe } from './breathe.ts';
import type { ExportFile } from './exportModel.ts';

interface Sink {
  write(piece: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The file is whole. */
  close(): Promise<Blob | undefined>;
  /** It will not be: what was there before stays as it was. */
  abort(): Promise<void>;
}

/**
 * Writes files one after the other, piece by piece, and lets other work in between: into a folder, or without one into
 * blobs, which the browser keeps outside of this worker's memory.
 * @param tell of each piece that is written, in bytes of all files
 */
export async function writeFiles(
  files: readonly ExportFile[],
  folder: FileSystemDirectoryHandle | undefined,
  signal: AbortSignal,
  tell: (file: string, done: number, total: number) => void,
): Promise<readonly { readonly name: string; readonly content?: Blob }[]> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const written: { name: string; content?: Blob }[] = [];
  let done = 0;
  for (const { name, pieces } of files) {
    tell(name, done, total);
    const sink = folder === undefined ? blobSink() : await fileSink(folder, name);
    try {
      for (const piece of pieces()) {
        signal.throwIfAborted();
        await sink.write(piece);
        done += piece.length;
        tell(name, done, total);
        await breathe();
      }
    } catch (error) {
      await sink.abort().catch(() => undefined);
      throw error;
    }
    const content = await sink.close();
    written.push({ name, ...(content === undefined ? {} : { content }) });
  }
  return written;
}

function blobSink(): Sink {
  const parts: Blob[] = [];
  return {
    write: (piece) => {
      parts.push(new Blob([piece]));
      return Promise.resolve();
    },
    close: () => Promise.resolve(new Blob(parts, { type: 'application/octet-stream' })),
    abort: () => Promise.resolve(),
  };
}

/**
 * The browser writes beside the file, and puts it in its place when it is whole: one that was there before stays if
 * writing ends before, and only one that was made for this is taken away again.
 */
async function fileSink(folder: FileSystemDirectoryHandle, name: string): Promise<Sink> {
  const before = await folder.getFileHandle(name).catch(() => undefined);
  const file = before ?? (await folder.getFileHandle(name, { create: true }));
  const stream = await file.createWritable();
  return {
    write: (piece) => stream.write(piece),
    close: async () => {
      await stream.close();
      return undefined;
    },
    abort: async () => {
      await stream.abort().catch(() => undefined);
      if (before === undefined) await folder.removeEntry(name);
    },
  };
}
