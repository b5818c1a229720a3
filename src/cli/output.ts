import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A line for the person who watches; standard output stays free. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Writes a file, and the folder it goes into if there is none. */
export async function writeOut(file: string, data: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, data);
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
