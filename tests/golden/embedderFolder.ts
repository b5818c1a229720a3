import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Folder of the tiny embedding models that makeEmbedders.py made, with a slash at its end. */
export const data = fileURLToPath(new URL('./data/embedders/', import.meta.url));

/** The files of one of them by their paths, as a repository has them. */
export async function embedderFolder(name: string): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const entry of await readdir(data + name, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === 'expected.json') continue;
    const path = `${entry.parentPath}/${entry.name}`;
    found.set(path.slice(`${data}${name}/`.length), await readFile(path));
  }
  return found;
}
