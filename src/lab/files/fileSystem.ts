import type { ByteSource } from '../../engine/byteSource.ts';
import type { FileStore } from '../../retrieval/kept/fileStore.ts';

/**
 * Files that are read and written in pieces, beside those that are read and written whole (`FileStore`): the browser's
 * private ones (`opfs.ts`), or some in memory for tests. Paths are relative, their parts between slashes; folders are
 * made as they are needed.
 */
export interface FileSystem extends FileStore {
  /** Bytes of a file; undefined where there is none. */
  size(path: string): Promise<number | undefined>;
  /** Opens a file to write at its end, after it has been cut to `keep` bytes. One writer at a time. */
  append(path: string, keep: number): Promise<FileWriter>;
  /** Opens a file to read pieces of it. Close it: an open file cannot be moved or removed. */
  open(path: string): Promise<OpenFile>;
  /** Takes the place of what was at `to`. */
  move(from: string, to: string): Promise<void>;
  /** Bytes that can still be written, as far as that is known. */
  room(): Promise<number | undefined>;
}

export interface FileWriter {
  /** @throws DOMException QuotaExceededError where there is no room */
  write(bytes: Uint8Array): void;
  close(): void;
}

export interface OpenFile extends ByteSource {
  close(): void;
}

/** A whole text file; undefined where there is none. */
export async function readText(fs: FileStore, path: string): Promise<string | undefined> {
  const bytes = await fs.read(path);
  return bytes && new TextDecoder().decode(bytes);
}
