/** A file of the visitor's disk into the store, hashed on its way. */
import type { FileSystem } from '../files/fileSystem.ts';
import { RunningHash } from './runningHash.ts';
import { isFull, messageOf } from './words.ts';

/** A file that was chosen or dropped. */
export interface LocalFile {
  /** Its path below the folder that was chosen. */
  readonly name: string;
  readonly content: Blob;
}

/** @throws Error in words; nothing is left of it then */
export async function copyFile(
  { name, content }: LocalFile,
  fs: FileSystem,
  to: string,
  signal: AbortSignal,
  onBytes: (have: number) => void,
): Promise<{ readonly sha256: string }> {
  const hash = await RunningHash.begin(undefined, content.size);
  const reader = content.stream().getReader();
  const writer = await fs.append(to, 0);
  let have = 0;
  try {
    for (;;) {
      const piece = await reader.read().catch((error: unknown) => {
        throw new Error(`${name} cannot be read from your disk (${messageOf(error)}). Choose it again.`);
      });
      signal.throwIfAborted();
      if (piece.done) break;
      writer.write(piece.value);
      hash.update(piece.value);
      have += piece.value.length;
      onBytes(have);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    if (!isFull(error)) throw error;
    throw new Error(
      `This browser’s storage for the page is full: ${name} does not fit. Delete models below, or make room on the disk.`,
      { cause: error },
    );
  } finally {
    writer.close();
  }
  return hash.finish();
}
