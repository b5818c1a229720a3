/**
 * The machine's limit where a native peer runs beside ours: the faster of the two matrix products. (limits.ts has that
 * of WebAssembly and WebGPU alone, which a peer with wider vectors passes.)
 */
import type { Backend } from '../../src/engine/backend.ts';

const SIZE = 1024;
const RUNS = 8;

/** Floating-point operations a second of our largest matrix product, the best of a few runs. */
async function ourProduct(backend: Backend): Promise<number> {
  const [x, w, y] = [0, 1, 2].map(() => backend.zeros(SIZE * SIZE));
  if (!x || !w || !y) return NaN;
  let shortest = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    backend.linear(x, w, null, y, SIZE, SIZE, SIZE);
    await backend.sync();
    shortest = Math.min(shortest, (performance.now() - start) / 1000);
  }
  for (const buffer of [x, w, y]) backend.free(buffer);
  return (2 * SIZE ** 3) / shortest;
}

/** Who told the machine's limit, and what it is. */
export interface ProductLimit {
  /** Operations a second. */
  readonly flops: number;
  readonly note: string;
}

/** The faster of our matrix product and the peer's own, where there is one. Other load only ever lowers it. */
export async function productLimit(
  backend: Backend,
  peer: { matmulFlops(): Promise<number> } | undefined,
  before?: ProductLimit,
): Promise<ProductLimit> {
  const ours = await ourProduct(backend);
  const theirs = (await peer?.matmulFlops()) ?? 0;
  const flops = Math.max(ours, theirs);
  if (before !== undefined && before.flops >= flops) return before;
  const whose = ours >= theirs ? 'our matrix product' : 'torch’s matrix product';
  return { flops, note: `the limit is ${whose}, ${(flops / 1e9).toFixed(0)} GFLOP/s` };
}
