/**
 * Checks and times the WebGPU engine under Dawn in Node (npm `webgpu`), on whatever adapter is there:
 *
 *   npm run -s bench:gpu -- [check] [tune] [kernels] [train-step] [--match TEXT] [--quick] [--json FILE]
 *
 * Without names it does all of them. `tune` times the kernels that matrix products may be given, prints the choices and
 * goes on with them on a graphics card. `check` runs every case of tests/kernels/ and holds the kernels that an adapter
 * may be given to each other; `--match` leaves out the cases and kernels whose names lack the text. The driver is
 * chosen as Vulkan's loader does: VK_ICD_FILENAMES names one, LD_LIBRARY_PATH the folder of libvulkan.so.1.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { create, globals } from 'webgpu';
import { parseDecoderConfig } from '../src/engine/config.ts';
import type { MatmulVariant } from '../src/engine/webgpu/kernels/matmul.ts';
import type { Tuning } from '../src/engine/webgpu/matmulTuner.ts';
import { createWebgpuBackend } from '../src/engine/webgpu/webgpuBackend.ts';
import { allCases } from '../tests/kernels/cases/allCases.ts';
import { twinChecks } from '../tests/kernels/cases/webgpuTwins.ts';
import { median } from './measure.ts';
import { ourJob } from './ours/kernels.ts';
import { ourTrainer } from './ours/trainStep.ts';
import { describe, leastWork, square, type Kernel } from './work/kernel.ts';
import { parameterCount, trainFlops, trainTask } from './work/trainTask.ts';

interface Timing {
  readonly what: string;
  /** Medians of one run. Processor time tells more where the driver computes on the processor and others use it too. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly gflops: number;
}

const attention = { op: 'attention', sequences: 16, length: 256, heads: 4, kvHeads: 2, headDim: 32 } as const;
/** As the nano policy trains and samples; a square product where the adapter is a graphics card. */
const kernels: readonly Kernel[] = [
  { op: 'matmul', T: 4096, I: 128, O: 344, gradient: false },
  { op: 'matmul', T: 4096, I: 128, O: 344, gradient: true },
  { op: 'matmul', T: 64, I: 128, O: 1536, gradient: false },
  { op: 'matmul', T: 1, I: 128, O: 1536, gradient: false },
  { ...attention, gradient: false },
  { ...attention, gradient: true },
  { op: 'rmsnorm', rows: 4096, width: 128 },
  { op: 'swiglu', n: 4096 * 344 },
  { op: 'head', rows: 4080, width: 128, vocab: 1536 },
  { op: 'adamw', n: 923_008 },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    match: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const parts = ['check', 'tune', 'kernels', 'train-step'];
const unknown = positionals.filter((part) => !parts.includes(part));
if (unknown.length > 0) {
  console.error(`bench:gpu does ${parts.join(', ')}; not ${unknown.join(', ')}`);
  process.exit(2);
}
const wanted = (part: string): boolean => positionals.length === 0 || positionals.includes(part);
const rounds = values.quick ? 1 : 5;

Object.assign(globalThis, globals);
const gpu = create([]);
const backend = await createWebgpuBackend({ gpu });
console.log(`adapter: ${backend.label}${backend.software ? ' (computes on the processor)' : ''}`);
console.log(`quad operations: ${backend.quads ? 'yes' : 'no'}`);
const failures = wanted('check') ? await check() : [];
const timings: Timing[] = [];
const tuning = wanted('tune') ? await tune() : null;
if (wanted('kernels')) await timeKernels();
if (wanted('train-step')) await timeTrainStep();
if (values.json !== undefined) {
  const report = {
    adapter: backend.label,
    software: backend.software,
    quads: backend.quads,
    failures,
    tuning,
    timings,
  };
  await writeFile(values.json, `${JSON.stringify(report, null, 1)}\n`);
}
backend.dispose();
process.exit(failures.length === 0 ? 0 : 1);

/** @returns what failed */
async function check(): Promise<string[]> {
  const failed: string[] = [];
  const attempt = async (name: string, run: () => Promise<void>): Promise<void> => {
    await run().catch((error: unknown) => {
      failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      console.log(`FAILED ${failed.at(-1)}`);
    });
  };
  const cases = allCases.filter(({ name }) => name.includes(values.match));
  for (const one of cases) await attempt(one.name, () => one.run(backend));
  const twins = twinChecks.filter(({ name }) => name.includes(values.match));
  for (const one of twins) {
    await attempt(one.name, () => one.run((options) => createWebgpuBackend({ ...options, gpu }), gpu));
  }
  console.log(`checked ${cases.length + twins.length} cases, ${failed.length} failed`);
  return failed;
}

/** On a software adapter a backend of its own is tuned: the others keep the rules, which were measured. */
async function tune(): Promise<Tuning> {
  const tried = backend.software ? await createWebgpuBackend({ gpu }) : backend;
  const found = await tried.tune(null, Infinity);
  for (const [key, chosen] of Object.entries(found.table)) {
    const times = found.timings
      .filter((one) => one.key === key)
      .map(({ variant, seconds }) => `${nameOf(variant)} ${(seconds * 1000).toPrecision(3)} ms`);
    console.log(`${key}: ${nameOf(chosen)} (${times.join(', ')})`);
  }
  if (tried !== backend) tried.dispose();
  return found;
}

function nameOf(variant: MatmulVariant): string {
  const tile = 'columns' in variant ? ` ${variant.rows}×${variant.columns}` : '';
  return `${variant.family}${tile}`;
}

async function timeKernels(): Promise<void> {
  const all = backend.software ? kernels : [square(1024), square(2048), ...kernels];
  for (const kernel of all.filter((one) => describe(one).includes(values.match))) {
    const job = ourJob(backend, kernel);
    await time(describe(kernel), leastWork(kernel).flops, async () => {
      job.run();
      await job.finish();
    });
    job.dispose();
  }
}

async function timeTrainStep(): Promise<void> {
  const file = new URL('../public/models/nano/config.json', import.meta.url);
  const config = parseDecoderConfig(JSON.parse(await readFile(file, 'utf8')), 'nano/config.json');
  const shape = { config, sequences: 16, length: 256 };
  const trainer = ourTrainer(backend, trainTask(shape));
  const millions = (parameterCount(shape) / 1e6).toPrecision(3);
  const before = backend.counts();
  await time(`train step, ${millions}M parameters, 16 × 256 tokens`, trainFlops(shape), async () => {
    await trainer.step();
    await backend.sync();
  });
  const { submits, dispatches } = backend.counts();
  const perStep = (now: number, then: number): number => (now - then) / (rounds + 1);
  console.log(
    `  ${perStep(dispatches, before.dispatches)} dispatches in ${perStep(submits, before.submits)} submits a step`,
  );
  trainer.dispose();
}

async function time(what: string, flops: number, run: () => Promise<void>): Promise<void> {
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(cpu);
    // The first run compiles.
    if (round === 0) continue;
    seconds.push((performance.now() - start) / 1000);
    cpuSeconds.push((user + system) / 1e6);
  }
  const timing = { what, seconds: median(seconds), cpuSeconds: median(cpuSeconds) };
  const gflops = flops / timing.seconds / 1e9;
  timings.push({ ...timing, gflops });
  const rate = flops > 0 ? `, ${gflops.toPrecision(3)} GFLOP/s` : '';
  console.log(
    `${what}: ${(timing.seconds * 1000).toPrecision(4)} ms, ${(timing.cpuSeconds * 1000).toPrecision(4)} ms of the processor${rate}`,
  );
}
