/** Single kernels beside jax-js and TensorFlow.js, in the same page of the same browser. */
import { startBrowser, type BenchHost } from '../browser/host.ts';
import { shareOfLimit } from '../limits/limits.ts';
import { measure, type MeasureOptions } from '../measure.ts';
import type { Row, Suite, SuiteContext } from '../suite.ts';
import { describe, leastWork, square, type Kernel } from '../work/kernel.ts';
import { compared } from './compared.ts';
import { firstLine, openField, openWasm, unavailableRow, type Contestant, type Field } from './inBrowser.ts';

interface Case {
  readonly kernel: Kernel;
  readonly floor?: number;
}

/** Kernels as the nano policy trains: 16 sequences of 256 tokens. */
const attention = { op: 'attention', sequences: 16, length: 256, heads: 4, kvHeads: 2, headDim: 32 } as const;
const ofTraining: readonly Case[] = [
  { kernel: { op: 'matmul', T: 4096, I: 128, O: 344, gradient: true } },
  { kernel: { op: 'matmul', T: 64, I: 128, O: 344, gradient: false } },
  { kernel: { ...attention, gradient: false } },
  { kernel: { ...attention, gradient: true } },
  { kernel: { op: 'rmsnorm', rows: 4096, width: 128 } },
  { kernel: { op: 'swiglu', n: 4096 * 344 } },
  { kernel: { op: 'head', rows: 4080, width: 128, vocab: 1536 } },
  { kernel: { op: 'adamw', n: 923_008 } },
];
const oneThread: readonly Case[] = [
  ...[256, 512, 1024].map((n) => ({ kernel: square(n), floor: 1.5 })),
  ...ofTraining,
];
const twoThreads: readonly Case[] = [{ kernel: square(512) }, { kernel: square(1024) }];
const onGpu: readonly Case[] = [{ kernel: square(1024) }, { kernel: square(2048), floor: 1 }, ...ofTraining];
/** What an adapter that computes on the CPU does in time; for information, it has no floors. */
const onSoftwareAdapter: readonly Case[] = [
  { kernel: square(256) },
  { kernel: { ...attention, sequences: 2, length: 64, gradient: true } },
  { kernel: { op: 'head', rows: 126, width: 128, vocab: 1536 } },
  { kernel: { op: 'adamw', n: 923_008 } },
];

/** A timed block lasts about this long, so that neither clock nor call weighs in it. */
const blockSeconds = 0.04;
/** Largest difference of outputs, by the largest output: sums of up to 4096 products in another order. */
const tolerance = 1e-4;

export const suite: Suite = {
  name: 'kernels',
  help: 'matrix products, attention, norms, head and AdamW beside jax-js and tfjs, on wasm and WebGPU',
  async run(context) {
    const host = await startBrowser();
    context.say(`${host.browser}; every engine in a worker of the same page`);
    try {
      return [
        ...(await wasm(host, context)),
        ...(await scaling(host, context)),
        ...(await webgpu(host, context)),
      ];
    } finally {
      await host.close();
    }
  },
};

const effort = ({ quick }: SuiteContext): MeasureOptions =>
  quick ? { warmups: 1, rounds: 3, seconds: 0 } : { warmups: 2, rounds: 15, seconds: 3 };

async function wasm(host: BenchHost, context: SuiteContext): Promise<Row[]> {
  const field = await openWasm(host, 1);
  return rowsOf(field, oneThread, 'wasm, 1 thread', context);
}

/** Two threads: against peers with as many, and against ourselves with one. */
async function scaling(host: BenchHost, context: SuiteContext): Promise<Row[]> {
  const field = await openWasm(host, 2);
  const rows = await rowsOf(field, twoThreads, 'wasm, 2 threads', context);
  // In a page of its own, where no threads of others wait.
  const own = await openWasm(host, 2, []);
  const label = await own.worker.evaluate(() => bench.open('ours1', 'ours', 'wasm', 1));
  const alone: Field = { ...own, peers: [{ id: 'ours1', label: `itself (${label})` }] };
  const scaled = twoThreads.map(({ kernel }) => ({ kernel, floor: 1.7 }));
  return [...rows, ...(await rowsOf(alone, scaled, 'wasm, 2 threads against 1', context))];
}

async function webgpu(host: BenchHost, context: SuiteContext): Promise<Row[]> {
  const field = await openField(host, 'webgpu', 1);
  if ('unavailable' in field) return [unavailableRow(suite.name, 'GFLOP/s', field)];
  const name = `webgpu (${field.limits.label})`;
  return rowsOf(field, field.limits.software ? onSoftwareAdapter : onGpu, name, context);
}

async function rowsOf(
  field: Field,
  cases: readonly Case[],
  where: string,
  context: SuiteContext,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { kernel, floor } of cases) {
    context.say(`${where}: ${describe(kernel)}`);
    const { able, notes } = await prepare(field, kernel);
    const seconds = await timed(field, able, effort(context));
    for (const { id } of able) await field.worker.evaluate((name) => bench.drop(name), id);
    const work = leastWork(kernel);
    rows.push(
      compared({
        suite: 'kernels',
        case: `${describe(kernel)}, ${where}`,
        ...(work.flops > 0
          ? { amount: work.flops / 1e9, unit: 'GFLOP/s' }
          : { amount: work.bytes / 1e9, unit: 'GB/s' }),
        seconds,
        ours: field.ours.id,
        peers: field.peers,
        ...(floor === undefined ? {} : { floor }),
        share: (time) => shareOfLimit(field.limits, work, time),
        notes: [...notes, ...field.absent],
      }),
    );
  }
  return rows;
}

/** Makes everyone's job. Throws where a peer computes something else; a peer that cannot is noted and left out. */
async function prepare(field: Field, kernel: Kernel): Promise<{ able: Contestant[]; notes: string[] }> {
  const make = (id: string): Promise<number> =>
    field.worker.evaluate(([name, wanted, reference]) => bench.makeKernel(name, wanted, reference), [
      id,
      kernel,
      field.ours.id,
    ] as const);
  await make(field.ours.id);
  const able = [field.ours];
  const notes: string[] = [];
  for (const peer of field.peers) {
    let apart: number;
    try {
      apart = await make(peer.id);
    } catch (error) {
      notes.push(`${peer.label} cannot: ${firstLine(error)}`);
      continue;
    }
    if (!(apart < tolerance)) {
      throw new Error(`${describe(kernel)}: ${peer.label} differs from ours by ${apart}`);
    }
    able.push(peer);
  }
  return { able, notes };
}

async function timed(
  { worker }: Field,
  able: readonly Contestant[],
  options: MeasureOptions,
): Promise<Map<string, number>> {
  const time = (id: string, runs: number): Promise<number> =>
    worker.evaluate(([name, count]) => bench.timeKernel(name, count), [id, runs] as const);
  const contenders = [];
  for (const { id } of able) {
    await time(id, 1);
    const runs = Math.max(1, Math.min(500, Math.ceil(blockSeconds / Math.max(await time(id, 1), 1e-4))));
    contenders.push({ name: id, run: async () => (await time(id, runs)) / runs });
  }
  return measure(contenders, options);
}
