/** Starts main.ts with the flags this Node needs: relaxed SIMD is behind one before Node 21. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);
const flags = major < 21 ? ['--experimental-wasm-relaxed-simd'] : [];
const main = fileURLToPath(new URL('main.ts', import.meta.url));
const child = spawn(process.execPath, [...flags, '--import', 'tsx', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
child.on('exit', (code) => process.exit(code ?? 1));
