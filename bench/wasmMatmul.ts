/**
 * GFLOP/s of the three matrix products. Run:
 *   node --experimental-wasm-relaxed-simd --import tsx bench/wasmMatmul.ts [threads ...]
 */

import { nodeHost } from '../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../src/engine/wasm/wasmBackend.ts';

/** T, I, O. */
const SHAPES = [
  [256, 256, 256],
  [512, 512, 512],
  [1024, 1024, 1024],
  [1, 128, 384],
  [16, 128, 384],
  [64, 128, 128],
  [64, 128, 384],
  [128, 128, 344],
  [128, 344, 128],
  [64, 128, 1500],
  [2000, 128, 128],
  [2000, 128, 384],
  [2000, 344, 128],
  [2000, 128, 1500],
  [8000, 128, 344],
] as const;

const SECONDS = 0.25;

/** The best of repeated runs, in GFLOP/s: other load on the machine only ever slows a run down. */
function best(flops: number, run: () => void): string {
  run();
  const stop = performance.now() + SECONDS * 1000;
  let shortest = Infinity;
  const repeats = Math.max(1, Math.ceil(2e6 / flops));
  while (performance.now() < stop) {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) run();
    shortest = Math.min(shortest, (performance.now() - start) / repeats);
  }
  return (flops / shortest / 1e6).toFixed(1).padStart(7);
}

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 2];
for (const threads of counts) {
  const backend = await createWasmBackend({ host: nodeHost, threads });
  console.log(`${backend.label}\n    T     I     O       NT      NN      TN  GFLOP/s`);
  for (const [T, I, O] of SHAPES) {
    const x = backend.zeros(T * I);
    const y = backend.zeros(T * O);
    const w = backend.zeros(O * I);
    const flops = 2 * T * I * O;
    const size = [T, I, O].map((n) => String(n).padStart(5)).join(' ');
    const forward = best(flops, () => backend.linear(x, w, null, y, T, I, O));
    const input = best(flops, () => backend.linearBackwardInput(y, w, x, T, I, O, false));
    const weight = best(flops, () => backend.linearBackwardWeight(y, x, w, T, I, O));
    console.log(`${size}  ${forward} ${input} ${weight}`);
    for (const buffer of [x, y, w]) backend.free(buffer);
  }
  backend.dispose();
}
