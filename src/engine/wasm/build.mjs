// Compiles assembly/ into generated/: relaxed and plain SIMD, each on shared and on private memory.
// Run: node src/engine/wasm/build.mjs   (skips what is up to date)

import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { kernelSource, sourceFolder } from './kernelSource.mjs';

const outputFolder = join(dirname(fileURLToPath(import.meta.url)), 'generated');

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

/** A custom section of a module, to be put at its end: its number, its size, its name, its text (all below 128 bytes). */
function customSection(name, text) {
  const content = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from(text)]);
  return Buffer.concat([Buffer.from([0, content.length]), content]);
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function compile({ name, flags }, source) {
  const output = join(outputFolder, `${name}.wasm`);
  const { error, stderr } = await asc.main([
    join(sourceFolder, 'index.ts'),
    '-o',
    output,
    ...COMMON,
    ...flags,
  ]);
  if (error) throw new Error(`AssemblyScript could not build ${name}:\n${stderr.toString()}`);
  await appendFile(output, customSection('source', source));
}

const stamp = join(outputFolder, 'hash.txt');
const source = await kernelSource();
const wanted = `${source} ${asc.version}`;
const files = [stamp, ...BUILDS.map(({ name }) => join(outputFolder, `${name}.wasm`))];
const built = (await Promise.all(files.map(exists))).every(Boolean);
if (!built || (await readFile(stamp, 'utf8')) !== wanted) {
  await mkdir(outputFolder, { recursive: true });
  for (const build of BUILDS) await compile(build, source);
  await writeFile(stamp, wanted);
  console.error(`built ${BUILDS.map(({ name }) => `${name}.wasm`).join(', ')}`);
}
