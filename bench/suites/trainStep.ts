/** One training step (forward, backward, clip, AdamW) beside jax-js, TensorFlow.js and PyTorch. */
import { readFile } from 'node:fs/promises';
import { parseDecoderConfig, type DecoderConfig } from '../../src/engine/config.ts';
import { startBrowser, type BenchHost } from '../browser/host.ts';
import { measure, type Contender, type MeasureOptions } from '../measure.ts';
import { startTorch } from '../peers/torchTrainStep.ts';
import type { Row, Suite, SuiteContext } from '../suite.ts';
import { parameterCount, trainFlops, type TrainShape } from '../work/trainTask.ts';
import { compared } from './compared.ts';
import { firstLine, openField, openWasm, unavailableRow, type Contestant, type Field } from './inBrowser.ts';

const nanoConfig = new URL('../../public/models/nano/config.json', import.meta.url);
/** The same family, ten million parameters. */
const tenMillion: Partial<DecoderConfig> = {
  vocabSize: 4096,
  hiddenSize: 256,
  intermediateSize: 704,
  layers: 12,
  heads: 8,
  kvHeads: 4,
};

/** Steps that everyone makes before the timing; their losses must agree. */
const checkedSteps = 3;
/** Of the first loss, and of the later ones, which went through gradient and optimiser; relative. */
const tolerances = [1e-5, 1e-4, 1e-3] as const;

export const suite: Suite = {
  name: 'train-step',
  help: 'forward, backward, clip and AdamW of a whole model beside jax-js, tfjs and PyTorch, in tokens a second',
  async run(context) {
    const nano = parseDecoderConfig(JSON.parse(await readFile(nanoConfig, 'utf8')), 'nano/config.json');
    const large = { ...nano, ...tenMillion };
    const host = await startBrowser();
    context.say(`${host.browser}; every engine but PyTorch in a worker of the same page`);
    try {
      return [
        ...(await wasm(host, { config: nano, sequences: 16, length: 256 }, context, 4, 0.5)),
        ...(await wasm(host, { config: large, sequences: 4, length: 256 }, context)),
        ...(await webgpu(host, nano, large, context)),
      ];
    } finally {
      await host.close();
    }
  },
};

const effort = ({ quick }: SuiteContext): MeasureOptions =>
  quick ? { warmups: 0, rounds: 3, seconds: 0 } : { warmups: 1, rounds: 9, seconds: 10 };

interface Steps {
  readonly id: string;
  readonly label: string;
  timeStep(): Promise<{ readonly seconds: number; readonly loss: number }>;
}

async function wasm(
  host: BenchHost,
  shape: TrainShape,
  context: SuiteContext,
  floor?: number,
  nativeFloor?: number,
): Promise<Row[]> {
  const threads = 2;
  const where = `wasm, ${threads} threads`;
  const torch = await startTorch(shape, threads);
  if ('absent' in torch) context.say(`no PyTorch: ${torch.absent}`);
  const native: Steps[] = 'absent' in torch ? [] : [{ ...torch, id: 'torch' }];
  try {
    const field = await openWasm(host, threads);
    const { rows, seconds } = await inField(field, shape, where, native, context, floor);
    if ('absent' in torch) return rows;
    const against = { ...common(field, shape, seconds), peers: [{ id: 'torch', label: torch.label }] };
    const title = `${describe(shape)}, ${where} against native`;
    return [...rows, compared({ ...against, case: title, ...(nativeFloor && { floor: nativeFloor }) })];
  } finally {
    if (!('absent' in torch)) torch.close();
  }
}

async function webgpu(
  host: BenchHost,
  nano: DecoderConfig,
  large: DecoderConfig,
  context: SuiteContext,
): Promise<Row[]> {
  const field = await openField(host, 'webgpu', 1);
  if ('unavailable' in field) return [unavailableRow(suite.name, 'tokens/s', field)];
  const where = `webgpu (${field.limits.label})`;
  if (field.limits.software) {
    const shape = { config: nano, sequences: 2, length: 128 };
    return (await inField(field, shape, where, [], context, 2)).rows;
  }
  const small = await inField(field, { config: nano, sequences: 16, length: 256 }, where, [], context, 2);
  const big = await inField(field, { config: large, sequences: 16, length: 256 }, where, [], context);
  return [...small.rows, ...big.rows];
}

/** The row against the field's peers; `others` are checked and timed in the same rounds. */
async function inField(
  field: Field,
  shape: TrainShape,
  where: string,
  others: readonly Steps[],
  context: SuiteContext,
  floor?: number,
): Promise<{ rows: Row[]; seconds: Map<string, number> }> {
  context.say(`${where}: ${describe(shape)}`);
  const { able, notes } = await prepare(field, shape);
  const everyone = [...able, ...others];
  await checkLosses(everyone);
  const contenders: Contender[] = everyone.map((one) => ({
    name: one.id,
    run: async () => (await one.timeStep()).seconds,
  }));
  const seconds = await measure(contenders, effort(context));
  for (const { id } of able) await field.worker.evaluate((name) => bench.drop(name), id);
  const row = compared({
    ...common(field, shape, seconds),
    case: `${describe(shape)}, ${where}`,
    peers: field.peers,
    ...(floor === undefined ? {} : { floor }),
    notes: [...notes, ...field.absent],
  });
  return { rows: [row], seconds };
}

function common(field: Field, shape: TrainShape, seconds: ReadonlyMap<string, number>) {
  return {
    suite: 'train-step',
    amount: shape.sequences * shape.length,
    unit: 'tokens/s',
    seconds,
    ours: field.ours.id,
    share: (time: number) => trainFlops(shape) / time / field.limits.flops,
  };
}

function describe(shape: TrainShape): string {
  const millions = (parameterCount(shape) / 1e6).toPrecision(3);
  return `train step, ${millions}M parameters, ${shape.sequences} × ${shape.length} tokens`;
}

/** Everyone's trainer; a peer that cannot make one is noted and left out. */
async function prepare(field: Field, shape: TrainShape): Promise<{ able: Steps[]; notes: string[] }> {
  const able: Steps[] = [];
  const notes: string[] = [];
  const make = async ({ id, label }: Contestant): Promise<void> => {
    await field.worker.evaluate(([name, wanted]) => bench.makeTrainer(name, wanted), [id, shape] as const);
    able.push({ id, label, timeStep: () => field.worker.evaluate((name) => bench.timeStep(name), id) });
  };
  await make(field.ours);
  for (const peer of field.peers) {
    await make(peer).catch((error: unknown) => notes.push(`${peer.label} cannot: ${firstLine(error)}`));
  }
  return { able, notes };
}

/**
 * A few steps of everyone from the same weights on the same tokens. Throws where losses differ: then they do not
 * compute the same.
 */
async function checkLosses([ours, ...peers]: readonly Steps[]): Promise<void> {
  if (!ours) return;
  const losses = async (one: Steps): Promise<number[]> => {
    const list: number[] = [];
    for (let i = 0; i < checkedSteps; i++) list.push((await one.timeStep()).loss);
    return list;
  };
  const expected = await losses(ours);
  for (const peer of peers) {
    (await losses(peer)).forEach((loss, i) => {
      const wanted = expected[i] ?? NaN;
      if (Math.abs(loss - wanted) <= (tolerances[i] ?? 0) * wanted) return;
      throw new Error(`step ${i + 1}: ${peer.label} has the loss ${loss}, ours is ${wanted}`);
    });
  }
}
