// Compiles assembly/ into generated/: relaxed and plain SIMD, each on shared and on private memory.
// Run: node src/engine/wasm/build.mjs   (skips what is up to date)

import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = dirname(fileURLToPath(import.meta.url));
const sourceFolder = join(here, 'assembly');
const outputFolder = join(here, 'generated');

const COMMON = [
  ...['--runtime', 'stub', '-O3', '--noAssert', '--converge', '--importMemory', '--noExportMemory'],
  // The command block lies below 4096; the module's few constants above it.
  ...['--memoryBase', '4096', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--use', 'abort='],
];
const BUILDS = [
  { name: 'relaxed.shared', flags: ['--enable', 'simd,relaxed-simd,threads', '--sharedMemory'] },
  { name: 'relaxed.private', flags: ['--enable', 'simd,relaxed-simd'] },
  { name: 'simd.shared', flags: ['--enable', 'simd,threads', '--sharedMemory'] },
  { name: 'simd.private', flags: ['--enable', 'simd'] },
];

/** A hash of everything the output depends on: the sources, this script and the compiler's version. */
async function sourceHash() {
  const hash = createHash('sha256').update(asc.version);
  const files = (await readdir(sourceFolder)).filter((name) => name.endsWith('.ts')).sort();
  for (const path of [...files.map((name) => join(sourceFolder, name)), fileURLToPath(import.meta.url)]) {
    hash.update(path.slice(here.length)).update(await readFile(path));
  }
  return hash.digest('hex');
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function compile({ name, flags }) {
  const output = join(outputFolder, `${name}.wasm`);
  const { error, stderr } = await asc.main([
    join(sourceFolder, 'index.ts'),
    '-o',
    output,
    ...COMMON,
    ...flags,
  ]);
  if (error) throw new Error(`AssemblyScript could not build ${name}:\n${stderr.toString()}`);
}

const stamp = join(outputFolder, 'hash.txt');
const hash = await sourceHash();
const files = [stamp, ...BUILDS.map(({ name }) => join(outputFolder, `${name}.wasm`))];
const built = (await Promise.all(files.map(exists))).every(Boolean);
if (!built || (await readFile(stamp, 'utf8')) !== hash) {
  await mkdir(outputFolder, { recursive: true });
  for (const build of BUILDS) await compile(build);
  await writeFile(stamp, hash);
  console.error(`built ${BUILDS.map(({ name }) => `${name}.wasm`).join(', ')}`);
}
