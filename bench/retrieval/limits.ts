/** What one thread of this page can do at most. */
import { browserHost } from '../../src/engine/wasm/browserHost.ts';
import { createWasmBackend } from '../../src/engine/wasm/wasmBackend.ts';
import { measure } from '../measure.ts';

export interface PageLimits {
  /** Bytes read and written by a copy that no cache holds. */
  readonly copyBytesPerSecond: number;
  /** Of the engine's matrix product, 32-bit SIMD. */
  readonly flops: number;
}

const COPIED = 64 * 2 ** 20;
const SIDE = 512;

export async function pageLimits(): Promise<PageLimits> {
  const from = new Float32Array(COPIED / 4).fill(1);
  const to = new Float32Array(COPIED / 4);
  const backend = await createWasmBackend({ host: browserHost, threads: 1 });
  const [x, w, y] = [backend.zeros(SIDE ** 2), backend.zeros(SIDE ** 2), backend.zeros(SIDE ** 2)];
  const times = await measure(
    [
      { name: 'copy', run: () => to.set(from) },
      { name: 'product', run: () => backend.linear(x, w, null, y, SIDE, SIDE, SIDE) },
    ],
    { warmups: 3, rounds: 15, seconds: 0 },
  );
  backend.dispose();
  return {
    copyBytesPerSecond: (2 * COPIED) / (times.get('copy') ?? NaN),
    flops: (2 * SIDE ** 3) / (times.get('product') ?? NaN),
  };
}
