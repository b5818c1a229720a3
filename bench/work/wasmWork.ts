/** What versions of the WebAssembly backend are timed on. A version is code that was loaded from a folder. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Backend } from '../../src/engine/backend.ts';
import type { Decoder } from '../../src/engine/decoder.ts';
import type { TrainState } from '../../src/engine/trainState.ts';
import type { Trace } from '../../src/traces/trace.ts';

const MODEL = 'public/models/nano';
const OPTIONS = {
  learningRate: 0,
  betas: [0.9, 0.98],
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradNorm: 1,
} as const;
const SAMPLING = { temperature: 1, topK: 0, topP: 1 };

async function load(folder: string) {
  const path = (file: string): string => pathToFileURL(resolve(folder, 'src', file)).href;
  const from = async <T>(file: string): Promise<T> => (await import(path(file))) as T;
  return {
    ...(await from<typeof import('../../src/engine/wasm/nodeHost.ts')>('engine/wasm/nodeHost.ts')),
    ...(await from<typeof import('../../src/engine/wasm/wasmBackend.ts')>('engine/wasm/wasmBackend.ts')),
    ...(await from<typeof import('../../src/engine/wasm/threads.ts')>('engine/wasm/threads.ts')),
    ...(await from<typeof import('../../src/engine/wasm/commandBlock.ts')>('engine/wasm/commandBlock.ts')),
    ...(await from<typeof import('../../src/engine/trainState.ts')>('engine/trainState.ts')),
    ...(await from<typeof import('../../src/engine/ops/tape.ts')>('engine/ops/tape.ts')),
    ...(await from<typeof import('../../src/engine/packing.ts')>('engine/packing.ts')),
    ...(await from<typeof import('../../src/engine/generation.ts')>('engine/generation.ts')),
    ...(await from<typeof import('../../src/grpo/update.ts')>('grpo/update.ts')),
    ...(await from<typeof import('../../src/lab/trainRun.ts')>('lab/trainRun.ts')),
    ...(await from<typeof import('../../src/lab/presets.ts')>('lab/presets.ts')),
    ...(await from<typeof import('../../src/cli/models.ts')>('cli/models.ts')),
    ...(await from<typeof import('../../src/cli/args.ts')>('cli/args.ts')),
  };
}
type Code = Awaited<ReturnType<typeof load>>;

export interface Version {
  readonly code: Code;
  readonly backend: Backend;
  readonly decoder: Decoder;
  readonly state: TrainState;
}

/** A folder with src/ and built kernels, its policy on the WebAssembly backend. */
export async function open(folder: string, threads: number): Promise<Version> {
  const code = await load(folder);
  const backend = await code.createWasmBackend({ host: code.nodeHost, threads });
  const { decoder } = await code.openModel(backend, MODEL);
  return { code, backend, decoder, state: new code.TrainState(decoder.parameters) };
}

const token = (i: number): number => 1 + ((Math.imul(i + 1, 2654435761) >>> 0) % 1500);
const SEQUENCES = Array.from({ length: 16 }, (_, s) =>
  Array.from({ length: 256 }, (_, i) => token(256 * s + i)),
);

/** Milliseconds of a step of 16 × 256 tokens. */
export async function trainStep({ code, backend, decoder, state }: Version): Promise<number> {
  const began = performance.now();
  const tape = new code.Tape(backend, 'record');
  const batch = code.uploadBatch(tape, code.packSequences(SEQUENCES));
  const places = SEQUENCES.flatMap((ids, s) =>
    ids.slice(1).map((target, i) => ({ row: 256 * s + i, target })),
  );
  const rows = tape.upload(Int32Array.from(places, ({ row }) => row));
  const targets = tape.upload(Int32Array.from(places, ({ target }) => target));
  const { logprob } = decoder.score(tape, decoder.forward(tape, batch), rows, targets, 1);
  await backend.readF32(logprob.data);
  tape.backward([{ value: logprob, gradient: new Float32Array(places.length).fill(-1 / places.length) }]);
  tape.release();
  await state.update(OPTIONS);
  return performance.now() - began;
}

/** Milliseconds a step: `rows` rollouts with prompts of 30 tokens of their own, 60 steps. */
export async function decode({ code, decoder }: Version, rows: number): Promise<number> {
  const steps = 60;
  const generator = new code.Generator(decoder, { slots: rows, capacity: 30 + steps + 2 });
  for (let rollout = 0; rollout < rows; rollout++) {
    const prompt = Array.from({ length: 30 }, (_, i) => token(31 * rollout + i));
    generator.open({ prompt, key: { seed: 1, rollout }, sampling: SAMPLING });
  }
  await generator.step();
  const began = performance.now();
  for (let i = 0; i < steps; i++) await generator.step();
  const time = performance.now() - began;
  generator.dispose();
  return time / steps;
}

/** The updates of the quick recipe whose gradient is timed. */
export const UPDATES = [4, 8, 12];

/** Their rollouts, made by a version. */
export async function recorded(folder: string): Promise<Trace[][][]> {
  const code = await load(folder);
  const backend = await code.createWasmBackend({ host: code.nodeHost });
  const { decoder, tokenizer } = await code.openModel(backend, MODEL);
  const { retrieverOf } = await code.openRetrieval(new code.Args([], code.retrievalOptions));
  const run = new code.TrainRun({ policy: decoder, tokenizer, recipe: code.presets.quick, retrieverOf });
  const kept: Trace[][][] = [];
  while (run.step < Math.max(...UPDATES)) {
    const { groups } = await run.update();
    if (UPDATES.includes(run.step)) kept.push(groups.map(({ traces }) => [...traces]));
  }
  backend.dispose();
  return kept;
}

/** Milliseconds of the gradient of an update. */
export async function gradient(
  { code, decoder, state }: Version,
  groups: readonly Trace[][],
): Promise<number> {
  const began = performance.now();
  const { grpo, backend, rollout } = code.presets.quick;
  const { maxTokens } = rollout;
  const options = {
    ...grpo,
    maxTokens,
    learningRate: 0,
    temperature: 1,
    tokensPerBatch: backend.tokensPerBatch,
  };
  await code.grpoUpdate({ decoder, trainState: state }, groups, 1, options);
  return performance.now() - began;
}
