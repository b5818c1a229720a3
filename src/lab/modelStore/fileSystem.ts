import type { ByteSource } from '../../engine/byteSource.ts';

/**
 * What the model store needs of a file system: the browser's private one (`opfs.ts`), or one in memory for tests. Paths
 * are relative, their parts between slashes; folders are made as they are needed.
 */
export interface FileSystem {
  /** Bytes of a file; undefined where there is none. */
  size(path: string): Promise<number | undefined>;
  /** Names of the files in a folder; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Opens a file to write at its end, after it has been cut to `keep` bytes. One writer at a time. */
  append(path: string, keep: number): Promise<FileWriter>;
  /** Opens a file to read pieces of it. Close it: an open file cannot be moved or removed. */
  open(path: string): Promise<OpenFile>;
  /** Takes the place of what was at `to`. */
  move(from: string, to: string): Promise<void>;
  /** Does nothing where there is no such file. */
  remove(path: string): Promise<void>;
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
export async function readText(fs: FileSystem, path: string): Promise<string | undefined> {
  if ((await fs.size(path)) === undefined) return undefined;
  const file = await fs.open(path);
  try {
    return new TextDecoder().decode(file.read(0, file.size));
  } finally {
    file.close();
  }
}

/** Writes a text file beside its place and moves it there, so that it is never there in part. */
export async function writeText(fs: FileSystem, path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  const writer = await fs.append(beside, 0);
  try {
    writer.write(new TextEncoder().encode(text));
  } finally {
    writer.close();
  }
  await fs.move(beside, path);
}
