/**
 * Where the time of a training step or a decode step goes on the WebAssembly backend: every kernel call timed around
 * `ThreadPool.run`, the best step of the rounds, products with their shapes and their rate.
 *
 *   node --experimental-wasm-relaxed-simd --import tsx bench/wasmProfile.ts WHAT THREADS ROUNDS
 *
 * WHAT: train (a step of 16 × 256 tokens) or decode:ROWS (30 tokens of prompt, then 60 steps; times are of all 60).
 */
import { decode, open, trainStep, type Version } from './work/wasmWork.ts';

interface Calls {
  milliseconds: number;
  count: number;
  /** Of all calls; 0 where they are no products. */
  flops: number;
}

/** Places of M, N and K among a kernel's arguments. */
const SHAPES: Readonly<Record<string, readonly [number, number, number]>> = {
  matmul: [6, 7, 8],
  weightGradient: [5, 4, 3],
};
/** Forms of a product's right-hand matrix, by number: assembly/matmul.ts. */
const FORMS = ['NT', 'NN', 'panels'];

/** Times every kernel call from now on; what is returned empties the book and gives what was in it. */
function watch({ code }: Version): () => Map<string, Calls> {
  let book = new Map<string, Calls>();
  let values: number[] = [];
  const { ThreadPool, CommandArguments } = code;
  // Taken from their prototypes, and called with the object they are called on.
  /* eslint-disable @typescript-eslint/unbound-method */
  const [run, start, int] = [
    ThreadPool.prototype.run,
    CommandArguments.prototype.start,
    CommandArguments.prototype.int,
  ];
  /* eslint-enable @typescript-eslint/unbound-method */
  CommandArguments.prototype.start = function () {
    values = [];
    return start.call(this);
  };
  CommandArguments.prototype.int = function (value) {
    values.push(value);
    return int.call(this, value);
  };
  ThreadPool.prototype.run = function (kernel, ...rest) {
    const [M, N, K] = (SHAPES[kernel] ?? []).map((place) => values[place] ?? 0);
    const form = kernel === 'matmul' ? ` ${FORMS[values[2] ?? 0] ?? 'quantised'}` : '';
    const name = M === undefined ? kernel : `${kernel}${form} ${M} × ${N ?? 0} × ${K ?? 0}`;
    const began = performance.now();
    run.call(this, kernel, ...rest);
    const calls = book.get(name) ?? { milliseconds: 0, count: 0, flops: 0 };
    calls.milliseconds += performance.now() - began;
    calls.count++;
    calls.flops += 2 * (M ?? 0) * (N ?? 0) * (K ?? 0);
    book.set(name, calls);
  };
  return () => {
    const full = book;
    book = new Map();
    return full;
  };
}

const [what = '', threads = '', rounds = ''] = process.argv.slice(2);
const version = await open('.', Number(threads));
const rows = Number(what.split(':')[1]);
const work = what === 'train' ? () => trainStep(version) : async () => 60 * (await decode(version, rows));
for (let i = 0; i < 3; i++) await work();
const take = watch(version);
let best = { time: Infinity, calls: new Map<string, Calls>() };
for (let round = 0; round < Number(rounds); round++) {
  const time = await work();
  const calls = take();
  if (time < best.time) best = { time, calls };
}
const inKernels = [...best.calls.values()].reduce((sum, { milliseconds }) => sum + milliseconds, 0);
for (const [name, { milliseconds, count, flops }] of [...best.calls].sort(
  ([, a], [, b]) => b.milliseconds - a.milliseconds,
)) {
  const rate = flops === 0 ? '' : `${(flops / milliseconds / 1e6).toFixed(1)} GFLOP/s`;
  const share = `${((100 * milliseconds) / best.time).toFixed(1)} %`;
  console.log(
    `${milliseconds.toFixed(2).padStart(8)} ms ${share.padStart(7)} ${String(count).padStart(5)} calls  ${name}  ${rate}`,
  );
}
console.log(
  `${best.time.toFixed(1)} ms in all; ${(best.time - inKernels).toFixed(1)} ms outside the kernels (with what a prompt takes)`,
);
process.exit(0);
