/**
 * Starts the command line: builds the WebAssembly kernels if their sources changed, then runs main.ts with the
 * flags this Node needs. Relaxed SIMD is on by default from Node 21; Node 20 has it behind a flag.
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const built = spawnSync(process.execPath, [here('../engine/wasm/build.mjs')], { stdio: ['ignore', 2, 2] });
if (built.status !== 0) process.exit(built.status ?? 1);
const major = Number(process.versions.node.split('.')[0]);
const flags = major < 21 ? ['--experimental-wasm-relaxed-simd'] : [];
const child = spawn(
  process.execPath,
  [...flags, '--import', 'tsx', here('main.ts'), ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
