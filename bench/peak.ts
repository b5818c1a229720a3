/** The machine's own limit, and the arithmetic of a decoder to hold against it. */
import type { Backend } from '../src/engine/backend.ts';
import type { DecoderConfig } from '../src/engine/config.ts';

const SIZE = 1024;
const RUNS = 8;

/** Floating-point operations a second of our largest matrix product, the best of a few runs. */
async function matmulPeak(backend: Backend): Promise<number> {
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
export interface Limit {
  /** Operations a second. */
  readonly flops: number;
  readonly note: string;
}

/** The faster of our matrix product and the peer's own, where there is one. Other load only ever lowers it. */
export async function machineLimit(
  backend: Backend,
  peer: { matmulFlops(): Promise<number> } | undefined,
  before?: Limit,
): Promise<Limit> {
  const ours = await matmulPeak(backend);
  const theirs = (await peer?.matmulFlops()) ?? 0;
  const flops = Math.max(ours, theirs);
  if (before !== undefined && before.flops >= flops) return before;
  const whose = ours >= theirs ? 'our matrix product' : 'torch’s matrix product';
  return { flops, note: `the limit is ${whose}, ${(flops / 1e9).toFixed(0)} GFLOP/s` };
}

/**
 * Operations of the matrix products and of attention in a forward pass, 2 for each multiply-add.
 * @param tokens run through the layers
 * @param heads of them also through the head
 * @param keys a token attends to, on average
 */
export function forwardFlops(config: DecoderConfig, tokens: number, heads: number, keys: number): number {
  const { hiddenSize, intermediateSize, headDim, kvHeads, layers, vocabSize } = config;
  const queries = config.heads * headDim;
  const projections = hiddenSize * (2 * queries + 2 * kvHeads * headDim + 3 * intermediateSize);
  const attention = 2 * queries * keys;
  return 2 * (tokens * layers * (projections + attention) + heads * hiddenSize * vocabSize);
}

/** Operations of `rows` continuations of one prompt that is run once: `tokens` new ones each. */
export function decodeFlops(config: DecoderConfig, prompt: number, rows: number, tokens: number): number {
  // The last token drawn is not run.
  const fed = rows * (tokens - 1);
  return (
    forwardFlops(config, prompt, 0, prompt / 2) +
    forwardFlops(config, fed, rows * tokens, prompt + tokens / 2)
  );
}
