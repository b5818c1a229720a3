import type { Worker } from 'playwright-core';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import type { BackendKind } from '../../src/engine/backend.ts';
import { presets } from '../../src/lab/presets.ts';
import type { UpdateResult } from '../../src/lab/trainRun.ts';
import type { Trace } from '../../src/traces/trace.ts';
import { notRunOrFail, Unavailable } from './availability.ts';
import type { Learned } from './firstUpdateWorker.ts';
import { launchBrowser, type BrowserHost } from './launch.ts';
import type { UpdateDifferences } from './updateDifferences.ts';

/**
 * Same recipe, same seed, the shipped policy: what WebAssembly does in the first update, WebGPU does too, up to the
 * order in which floats are added.
 */

const minutes = 60_000;
/** SwiftShader takes about a minute for each of the two updates on two cores. */
const patience = 10 * minutes;
const kinds = ['wasm', 'webgpu'] as const satisfies readonly BackendKind[];
type Both<T> = Record<(typeof kinds)[number], T>;

let host: BrowserHost | null = null;
let opened: Promise<Worker> | null = null;
let ran: Promise<Both<UpdateResult>> | null = null;

async function openWorker(): Promise<Worker> {
  host = await launchBrowser();
  const { page, problems } = await host.newPage();
  await page.goto(`${host.baseUrl}tests/browser/firstUpdate.html`);
  await page
    .waitForFunction(() => document.title.endsWith('ready'))
    .catch((error: unknown) => {
      throw new Error(`the worker of the update did not load: ${problems.join('; ')}`, { cause: error });
    });
  const [worker] = page.workers();
  if (!worker) throw new Error('the page has no worker');
  for (const kind of kinds) {
    const { label, notice } = await worker.evaluate(
      ([wanted, recipe, baseUrl]) => firstUpdate.open(wanted, recipe, baseUrl),
      [kind, { ...presets.tiny, seed: 5 }, host.baseUrl] as const,
    );
    if (notice !== undefined) throw new Unavailable(`${label} instead of ${kind}: ${notice}`);
  }
  return worker;
}

/** In turn, not at once: both compute on the same cores. */
async function onBoth<T>(work: (kind: BackendKind) => Promise<T>): Promise<Both<T>> {
  return { wasm: await work('wasm'), webgpu: await work('webgpu') };
}

async function theWorker(context: TestContext): Promise<Worker> {
  return (opened ??= openWorker()).catch((error: unknown) => notRunOrFail(context, error));
}

/** The whole first update of a run on both backends. */
async function runBoth(worker: Worker): Promise<Both<UpdateResult>> {
  return (ran ??= onBoth((kind) => worker.evaluate((wanted) => firstUpdate.run(wanted), kind)));
}

const rollouts = ({ groups }: UpdateResult): Trace[] => groups.flatMap(({ traces }) => traces);

/** Pairs of the two backends' rollouts that took the very same tokens. */
function alike({ wasm, webgpu }: Both<UpdateResult>): (readonly [Trace, Trace])[] {
  const others = rollouts(webgpu);
  return rollouts(wasm).flatMap((trace, i) => {
    const other = others[i];
    return other?.tokens.ids.join() === trace.tokens.ids.join() ? [[trace, other] as const] : [];
  });
}

/** Queries with the passages they brought. Scores are left out: the encoder rounds by who shares its batch. */
const found = ({ searches }: Trace) =>
  searches.map(({ query, passages }) => [query, ...passages.map(({ id }) => id)]);

/** Largest difference of two lists of the same length; infinite where one has a number and the other has none. */
function gap(a: readonly (number | null)[] | undefined, b: readonly (number | null)[] | undefined): number {
  if (a?.length !== b?.length) return Infinity;
  return (a ?? []).reduce<number>((largest, value, i) => {
    const other = b?.[i] ?? null;
    if (value === null || other === null) return value === other ? largest : Infinity;
    return Math.max(largest, Math.abs(value - other));
  }, 0);
}

afterAll(async () => {
  await host?.close();
});

describe('the first update on WebAssembly and on WebGPU', () => {
  it('has the same rollouts', { timeout: patience }, async (context) => {
    const both = await runBoth(await theWorker(context));
    const total = rollouts(both.wasm).length;
    expect(total).toBe(presets.tiny.grpo.questions * presets.tiny.grpo.groupSize);
    const same = alike(both);
    // The draws are the same numbers; a token can differ only where a draw falls within rounding (about 1e-5) of the
    // border between two tokens, and then the rest of that rollout differs. Over some thousand tokens: at most once.
    expect(same.length).toBeGreaterThanOrEqual(total - 1);
    for (const [a, b] of same) {
      expect(gap(a.tokens.logprobs, b.tokens.logprobs)).toBeLessThan(1e-4);
      expect(gap(a.tokens.entropies, b.tokens.entropies)).toBeLessThan(1e-4);
      expect(found(b)).toEqual(found(a));
      expect(b.reward).toEqual(a.reward);
    }
  });

  it('has the same advantages and metrics', { timeout: patience }, async (context) => {
    const both = await runBoth(await theWorker(context));
    const { wasm, webgpu } = both;
    // A rollout that differs changes its own group and the means, no other group.
    const differing = rollouts(wasm).length - alike(both).length;
    const advantages = ({ groups }: UpdateResult) =>
      groups.map(({ traces }) => traces.map(({ advantage }) => advantage).join());
    const expected = advantages(wasm);
    expect(advantages(webgpu).filter((group, g) => group !== expected[g]).length).toBeLessThanOrEqual(
      differing,
    );
    const near = differing === 0 ? 1e-3 : 0.5;
    for (const name of ['gradNorm', 'entropy', 'tokensTrained', 'responseTokens'] as const) {
      expect(Math.abs(webgpu.metrics[name] - wasm.metrics[name])).toBeLessThanOrEqual(
        near * Math.abs(wasm.metrics[name]),
      );
    }
  });

  it('learns the same from the same rollouts', { timeout: patience }, async (context) => {
    const worker = await theWorker(context);
    // Rewards by place in the group, so that every group has something to teach whatever the policy scored.
    const groups = (await runBoth(worker)).wasm.groups.map(({ traces }) =>
      traces.map((trace, i) => {
        if (!trace.reward) throw new Error(`rollout ${trace.id} has no reward`);
        return { ...trace, reward: { ...trace.reward, value: [1, 0.1, 0][i % 3] ?? 0 } };
      }),
    );
    const learned = await onBoth((kind) =>
      worker.evaluate(([wanted, given]) => firstUpdate.learn(wanted, given), [kind, groups] as const),
    );
    expectSameFindings(learned);
    expectSameStep(await worker.evaluate(() => firstUpdate.differences()));
  });
});

function expectSameFindings({ wasm, webgpu }: Both<Learned>): void {
  expect(wasm.stats.zeroSpreadGroups).toBe(0);
  expect(wasm.stats.tokensTrained).toBeGreaterThan(0);
  for (const name of ['zeroSpreadGroups', 'tokensTrained', 'clipFraction', 'kl', 'learningRate'] as const) {
    expect(webgpu.stats[name]).toBe(wasm.stats[name]);
  }
  const traces = wasm.groups.flat();
  for (const [i, other] of webgpu.groups.flat().entries()) {
    // Advantages are host arithmetic on the same rewards: equal to the last bit.
    expect(other.advantage).toBe(traces[i]?.advantage);
    expect(gap(other.tokens.currentLogprobs, traces[i]?.tokens.currentLogprobs)).toBeLessThan(1e-4);
    expect(gap(other.tokens.ratios, traces[i]?.tokens.ratios)).toBeLessThan(1e-3);
  }
  for (const { stats } of [wasm, webgpu]) expect(stats.samplingGap).toBeLessThan(1e-3);
  // Sums over some thousand f32 terms in another order: about 1e-7 was measured, of the loss and of the norm.
  expect(webgpu.stats.losses).toHaveLength(1);
  expect(Math.abs((webgpu.stats.losses[0] ?? NaN) - (wasm.stats.losses[0] ?? NaN))).toBeLessThan(1e-5);
  expect(webgpu.stats.gradNorm / wasm.stats.gradNorm).toBeCloseTo(1, 4);
  expect(wasm.stats.gradNorm).toBeGreaterThan(1e-3);
}

function expectSameStep(differences: UpdateDifferences): void {
  const { before, weights, moved, gradient, worstTensor, largestStep, apart } = differences;
  expect(before).toBe(0);
  expect(weights).toBeGreaterThan(500_000);
  expect(moved).toBeGreaterThan(0.5);
  // Measured: 4e-6 of the whole gradient, 7e-6 of the tensor that differs most.
  expect(gradient).toBeLessThan(1e-4);
  expect(worstTensor.distance, worstTensor.name).toBeLessThan(1e-3);
  // AdamW's first step is the learning rate times the gradient's sign, whatever the gradient's size. A weight whose
  // gradient is all rounding may go either way, two learning rates apart; there must be few of those (5e-5 measured).
  expect(largestStep).toBeLessThanOrEqual(2.01);
  expect(apart).toBeLessThan(1e-3);
}
