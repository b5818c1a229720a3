import type { Backend } from '../../../src/engine/backend.ts';
import type { WebgpuBackend, WebgpuOptions } from '../../../src/engine/webgpu/webgpuBackend.ts';
import * as reference from '../reference/linear.ts';
import { checkChoices } from './choiceTwins.ts';
import { fingerprint } from './fingerprint.ts';
import { expectClose, expectSameBits, Kit } from './kit.ts';
import { Numbers } from './numbers.ts';
import { checkQuantisedTwins } from './quantisedTwins.ts';
import { checkSubgroupSizes } from './subgroupSizes.ts';

/** Makes a WebGPU backend with these options on the adapter under test. */
export type MakeWebgpu = (options: WebgpuOptions) => Promise<WebgpuBackend>;

/** Products that every kernel adds in the same order, whatever makes them. */
const SAME_BITS = ['linear', 'linearBackwardInput', 'embeddingBackward', 'adamw'];

/** Whatever an adapter may be given, held to its twin; each throws an Error that says what differs. */
export const twinChecks: readonly {
  readonly name: string;
  readonly run: (make: MakeWebgpu, gpu: GPU) => Promise<void>;
}[] = [
  { name: 'every kernel that may be chosen equals its plain twin', run: checkTwins },
  { name: 'weights in parts equal whole ones', run: checkSplitBindings },
  { name: 'quantised weights are the same bits for every kernel', run: checkQuantisedTwins },
  { name: 'products are the same bits whatever a timed run chooses', run: checkChoices },
  { name: 'reductions hold with subgroups of every size', run: (_, gpu) => checkSubgroupSizes(gpu) },
  { name: 'a thousand small kernels are one submit', run: checkSubmits },
];

/**
 * The plain kernels (no subgroups, as on a graphics card) against those with quads and subgroups, and those for a CPU.
 */
async function checkTwins(make: MakeWebgpu): Promise<void> {
  const run = async (options: WebgpuOptions): Promise<ReadonlyMap<string, Float32Array>> => {
    const backend = await make(options);
    try {
      return await fingerprint(backend);
    } finally {
      backend.dispose();
    }
  };
  const plain = await run({ subgroups: false, kernelsFor: 'gpu' });
  for (const options of [
    { subgroups: true, kernelsFor: 'gpu' },
    { subgroups: true, kernelsFor: 'cpu' },
    { subgroups: false, kernelsFor: 'cpu' },
  ] as const) {
    const other = await run(options);
    for (const [name, want] of plain) {
      const what = `${name} with ${JSON.stringify(options)}`;
      const got = other.get(name) ?? new Float32Array();
      if (SAME_BITS.includes(name)) expectSameBits(what, got, want);
      else expectClose(what, got, want, { magnitude: 1 });
    }
  }
}

/** A thousand small kernels are one submit, however many buffers come and go among them. */
async function checkSubmits(make: MakeWebgpu): Promise<void> {
  const backend = await make({});
  try {
    const kit = new Kit(backend);
    const total = kit.state([0]);
    const one = kit.f32([1]);
    await backend.sync();
    const before = backend.counts();
    for (let i = 0; i < 500; i++) {
      const scratch = backend.zeros(1);
      backend.axpy(scratch, one, 2, 1);
      backend.axpy(total, scratch, 1, 1);
      backend.free(scratch);
    }
    await kit.expectClose('500 sums', total, [1000]);
    const { submits, dispatches } = backend.counts();
    if (dispatches - before.dispatches !== 1000 || submits - before.submits !== 1) {
      throw new Error(
        `${dispatches - before.dispatches} dispatches in ${submits - before.submits} submits, expected 1000 in 1`,
      );
    }
    kit.release();
  } finally {
    backend.dispose();
  }
}

/** Weights of ten times what one binding may hold: the linear calls, embedding, sum of squares and AdamW. */
async function checkSplitBindings(make: MakeWebgpu): Promise<void> {
  for (const kernelsFor of ['gpu', 'cpu'] as const) await checkSplitFor(make, kernelsFor);
}

async function checkSplitFor(make: MakeWebgpu, kernelsFor: 'gpu' | 'cpu'): Promise<void> {
  const results: Float32Array[][] = [];
  for (const options of [{ kernelsFor }, { kernelsFor, maxBindingBytes: 1 << 17 }] as const) {
    const backend = await make(options);
    try {
      results.push(await largeWeights(backend));
    } finally {
      backend.dispose();
    }
  }
  const [whole = [], parts = []] = results;
  whole.forEach((want, i) => {
    const got = parts[i] ?? new Float32Array();
    // Sums over the rows of a weight (dx), and over all of it (sum of squares), are added up part by part.
    if (i === 1 || i === 5) expectClose(`result ${i} in parts`, got, want);
    else expectSameBits(`result ${i} in parts`, got, want);
  });
}

async function largeWeights(backend: Backend): Promise<Float32Array[]> {
  const kit = new Kit(backend);
  const numbers = new Numbers(5);
  const [T, I, O] = [21, 132, 1501];
  const x = numbers.normal(T * I);
  const w = numbers.normal(O * I);
  const [bias, dy] = [numbers.normal(O), numbers.normal(T * O)];
  const [xBuffer, wBuffer, dyBuffer] = [kit.f32(x), kit.f32(w), kit.f32(dy)];
  const ids = kit.i32(numbers.integers(T, O));
  const [y, dx, dw] = [kit.output(T * O), kit.output(T * I), kit.state(w)];
  const [rows, dTable, squares] = [kit.output(T * I), kit.state(w), kit.state([0])];
  const [param, m, v] = [kit.state(w), kit.state(w), kit.state(w.map(Math.abs))];
  backend.linear(xBuffer, wBuffer, kit.f32(bias), y, T, I, O);
  backend.linearBackwardInput(dyBuffer, wBuffer, dx, T, I, O, false);
  backend.linearBackwardWeight(dyBuffer, xBuffer, dw, T, I, O);
  backend.embedding(ids, wBuffer, rows, T, I);
  backend.embeddingBackward(ids, xBuffer, dTable, T, I, O);
  backend.sumSquares(wBuffer, squares, O * I);
  backend.adamw(param, dw, m, v, kit.f32([0.5]), O * I, {
    ...{ learningRate: 0.01, beta1: 0.9, beta2: 0.99 },
    ...{ epsilon: 1e-8, weightDecay: 0.1, step: 3 },
  });
  await kit.expectClose('y of a large weight', y, reference.linear(x, w, bias, T, I, O));
  const results: Float32Array[] = [];
  for (const buffer of [y, dx, dw, rows, dTable, squares, param]) results.push(await kit.read(buffer));
  await kit.verify();
  kit.release();
  return results;
}
