/** What one thread of this page can do at most. */
import { browserHost } from '../../src/engine/wasm/browserHost.ts';
import { createWasmBackend } from '../../src/engine/wasm/wasmBackend.ts';
import { measure } from '../measure.ts';

export interface PageLimits {
  /** Bytes read and written by a copy of as many bytes as the index holds, which a cache may hold too. */
  readonly copyBytesPerSecond: number;
  /** Of the engine's matrix product, 32-bit SIMD. */
  readonly flops: number;
}

const SIDE = 512;
/** Bytes copied between two looks at the clock, at least. */
const LEAST_COPIED = 16 * 2 ** 20;

export async function pageLimits(indexBytes: number): Promise<PageLimits> {
  const from = new Uint8Array(indexBytes).fill(1);
  const to = new Uint8Array(indexBytes);
  const copies = Math.ceil(LEAST_COPIED / indexBytes);
  const copy = (): void => {
    for (let i = 0; i < copies; i++) to.set(from);
  };
  const backend = await createWasmBackend({ host: browserHost, threads: 1 });
  const [x, w, y] = [backend.zeros(SIDE ** 2), backend.zeros(SIDE ** 2), backend.zeros(SIDE ** 2)];
  const times = await measure(
    [
      { name: 'copy', run: copy },
      { name: 'product', run: () => backend.linear(x, w, null, y, SIDE, SIDE, SIDE) },
    ],
    { warmups: 3, rounds: 15, seconds: 0 },
  );
  backend.dispose();
  return {
    copyBytesPerSecond: (2 * indexBytes * copies) / (times.get('copy') ?? NaN),
    flops: (2 * SIDE ** 3) / (times.get('product') ?? NaN),
  };
}
