import { access, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Pieces } from '../engine/pieces.ts';

/** A line for the person who watches; standard output stays free. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Writes a file, and the folder it goes into if there is none. */
export async function writeOut(file: string, data: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, data);
}

/** Writes a file piece by piece, each told of before it is made; one that cannot be made whole is not left there. */
export async function writePieces(
  file: string,
  { pieces }: Pieces,
  onPiece: (at: number) => void,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w');
  let at = 0;
  try {
    onPiece(at);
    for (const piece of pieces()) {
      await handle.writeFile(piece);
      at += piece.length;
      onPiece(at);
    }
  } catch (error) {
    await handle.close();
    await rm(partial);
    throw error;
  }
  await handle.close();
  await rename(partial, file);
}

/** Writes the command's one JSON document; without a file it goes to standard output. */
export async function writeJson(file: string | undefined, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value, null, 1)}\n`;
  if (file === undefined) process.stdout.write(text);
  else await writeOut(file, text);
}

/** The project's version, from package.json. */
export async function version(): Promise<string> {
  const json: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof json === 'object' && json !== null && 'version' in json ? String(json.version) : 'unknown';
}

/** Whether there is a file or folder of that name. */
export const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
