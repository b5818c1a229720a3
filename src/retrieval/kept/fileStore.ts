/** Files by path, folders divided by `/`. A browser's private file system, a folder of Node, or memory. */
export interface FileStore {
  /** Names of what lies directly in a folder, in no order; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Undefined where there is no such file. */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Bytes `begin` to `end` of a file, fewer where it ends before; undefined where there is no such file. */
  readPart(path: string, begin: number, end: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Writes or replaces a whole file, its folders with it. @throws in plain words where there is no room */
  write(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Removes a file, or a folder with all that is in it; nothing where it is not there. */
  remove(path: string): Promise<void>;
}

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Text as bytes, to write or to hash. */
export const bytesOfText = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A name for what is new: not that of anything else. */
export const freshName = (): string =>
  [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
