/** What this machine's WebAssembly can do at most: multiply-adds a second, and bytes copied a second. */
import { flopsPerRound } from './fmaLoop.ts';
import { copySizes, fastest, type Limits } from './limits.ts';

const rounds = 20_000_000;
/** Bytes moved in one timing of a copy. */
const bytesTimed = 2 ** 27;

/** Multiply-adds on as many threads at once; copies on one. The best of a few tries each. */
export async function wasmLimits(threads: number): Promise<Limits> {
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./fmaWorker.ts', import.meta.url), { type: 'module' }),
  );
  await Promise.all(workers.map(answered));
  const once = async (): Promise<number> => {
    const start = performance.now();
    await Promise.all(
      workers.map((worker) => {
        worker.postMessage(rounds);
        return answered(worker);
      }),
    );
    return (performance.now() - start) / 1000;
  };
  const loop = await fastest(8, once);
  for (const worker of workers) worker.terminate();
  return {
    flops: (threads * rounds * flopsPerRound) / loop,
    copies: await Promise.all(
      copySizes.map(async (bytes) => ({
        bytes,
        bytesPerSecond: bytesTimed / (await fastest(8, copying(bytes))),
      })),
    ),
  };
}

/** Seconds to move `bytesTimed` bytes by copies that each move `bytes`. */
function copying(bytes: number): () => number {
  const [from, to] = [new Float32Array(bytes / 8).fill(1), new Float32Array(bytes / 8)];
  return () => {
    const start = performance.now();
    for (let moved = 0; moved < bytesTimed; moved += bytes) to.set(from);
    return (performance.now() - start) / 1000;
  };
}

function answered(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => reject(new Error(`a thread of the limit failed: ${event.message}`));
  });
}
