/**
 * Which sources the kernels are made of. `build.mjs` writes it into each module, the engine holds a module to it: a
 * module of other sources reads other arguments from the command block, and would compute nonsense in silence.
 */

import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const sourceFolder = join(here, 'assembly');

/**
 * A hash, in hexadecimal, of assembly/ and of the script that compiles it.
 * @returns {Promise<string>}
 */
export async function kernelSource() {
  const hash = createHash('sha256');
  const files = (await readdir(sourceFolder)).filter((name) => name.endsWith('.ts')).sort();
  for (const path of [...files.map((name) => join(sourceFolder, name)), join(here, 'build.mjs')]) {
    hash.update(path.slice(here.length)).update(await readFile(path));
  }
  return hash.digest('hex');
}
