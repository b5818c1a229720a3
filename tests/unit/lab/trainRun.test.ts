import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import type { Decoder } from '../../../src/engine/decoder.ts';
import type { StepMetrics } from '../../../src/grpo/metrics.ts';
import type { UpdatePhase } from '../../../src/lab/protocol.ts';
import type { Recipe } from '../../../src/lab/recipe.ts';
import { TrainRun, type RunHooks } from '../../../src/lab/trainRun.ts';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { openBackend } from '../engine/openBackend.ts';
import { recipeWith, tinyDecoder, tinyRecipe, tokenizer, fingerprint } from './tinyPolicy.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => backend.dispose());

interface Setup {
  readonly run: TrainRun;
  readonly policy: Decoder;
  /** Seeds of the worlds opened, in order. */
  readonly opened: number[];
  readonly dispose: () => void;
}

function setUp(recipe: Recipe): Setup {
  const policy = tinyDecoder(backend);
  const reference = tinyDecoder(backend);
  const opened: number[] = [];
  const run = new TrainRun({
    policy,
    reference,
    tokenizer,
    recipe,
    retrieverOf: (passages) => {
      // Ids of a generated world's passages begin with its seed: w17-3.
      opened.push(Number(/^w(\d+)-/.exec(passages[0]?.id ?? '')?.[1]));
      return Promise.resolve(createLexicalRetriever(passages));
    },
  });
  const dispose = (): void => {
    run.dispose();
    for (const { parameters } of [policy, reference]) parameters.dispose();
  };
  return { run, policy, opened, dispose };
}

/** All that should not change from one time to the next; clocks may. */
const timeless = ({ milliseconds: _, ...trace }: Trace): Omit<Trace, 'milliseconds'> => trace;
const unclocked = ({ secondsRollout: _r, secondsTrain: _t, ...metrics }: StepMetrics) => metrics;

/** Everything a run says of itself: an evaluation, `updates` updates, another evaluation, the weights. */
async function story(recipe: Recipe, updates = 2) {
  const { run, policy, opened, dispose } = setUp(recipe);
  const before = await run.evaluate();
  const metrics = [];
  const traces = [];
  for (let i = 0; i < updates; i++) {
    const update = await run.update();
    metrics.push(unclocked(update.metrics));
    traces.push(update.groups.map((group) => group.traces.map(timeless)));
  }
  const after = await run.evaluate();
  const weights = await fingerprint(policy);
  dispose();
  const scores = [before.scores, after.scores];
  const answers = [before, after].map(({ greedy, sampled }) => [...greedy, ...sampled].map(timeless));
  return { metrics, traces, scores, answers, weights, opened };
}

describe('TrainRun', () => {
  it('tells the same story twice for one recipe', async () => {
    const first = await story(tinyRecipe);
    expect(await story(tinyRecipe)).toEqual(first);
    expect(first.metrics.map(({ step }) => step)).toEqual([1, 2]);
    expect(first.traces[0]?.map((group) => group.length)).toEqual([3, 3, 3]);
    expect(first.traces.flat(2).some(({ searches }) => searches.length > 0)).toBe(true);
    expect(first.metrics.every(({ gradNorm }) => gradNorm > 0)).toBe(true);
    expect(first.scores[0]?.n).toBe(tinyRecipe.evaluation.questions);
  });

  it('tells another for another seed, on the same worlds', async () => {
    const first = await story(tinyRecipe, 1);
    const other = await story(recipeWith({ seed: 2 }), 1);
    expect(other.traces).not.toEqual(first.traces);
    expect(other.weights).not.toEqual(first.weights);
    expect(other.opened).toEqual(first.opened);
  });

  it('asks each question of a group of every rollout, and other questions in the next update', async () => {
    const { run, dispose } = setUp(tinyRecipe);
    const asked: string[] = [];
    for (let i = 0; i < tinyRecipe.world.updatesPerWorld; i++) {
      const { groups } = await run.update();
      for (const { question, traces } of groups) {
        expect(traces.map((trace) => trace.question.id)).toEqual(traces.map(() => question.id));
        expect(traces.map((trace) => trace.step)).toEqual(traces.map(() => i));
        asked.push(question.id);
      }
    }
    expect(new Set(asked).size).toBe(asked.length);
    dispose();
  });

  it('replaces groups without spread where the recipe says, and tells all that was drawn', async () => {
    const redrawn = recipeWith({ grpo: { redraws: 2, questions: 2 } });
    const { run, dispose } = setUp(redrawn);
    const once = setUp(recipeWith({ grpo: { questions: 2 } }));
    const { metrics, groups } = await run.update();
    const plain = await once.run.update();
    // A policy of random weights earns nothing, so every group is drawn again, up to the bound.
    expect(metrics.zeroSpreadGroups).toBe(1);
    expect(metrics.tokensGenerated).toBeGreaterThan(2 * plain.metrics.tokensGenerated);
    const first = plain.groups.map(({ question }) => question.id);
    expect(groups.map(({ group }) => group)).toEqual([0, 1]);
    for (const { question, traces } of groups) {
      expect(first).not.toContain(question.id);
      expect(traces.map((trace) => trace.question.id)).toEqual(traces.map(() => question.id));
    }
    dispose();
    once.dispose();
    expect(await story(redrawn, 1)).toEqual(await story(redrawn, 1));
  });

  it.each(['random', 'empty'] as const)(
    'searches a %s retriever where the recipe says',
    async (retriever) => {
      const { run, opened, dispose } = setUp(recipeWith({ rollout: { retriever } }));
      const { groups } = await run.update();
      const searches = groups.flatMap(({ traces }) => traces.flatMap((trace) => trace.searches));
      expect(searches.length).toBeGreaterThan(0);
      for (const { passages } of searches) expect(passages).toHaveLength(retriever === 'empty' ? 0 : 1);
      // Nothing is embedded for it.
      expect(opened).toEqual([]);
      dispose();
    },
  );

  it('is finished after the recipe’s updates', async () => {
    const { run, dispose } = setUp(recipeWith({ grpo: { steps: 1 } }));
    expect(run.finished).toBe(false);
    await run.update();
    expect([run.finished, run.step]).toEqual([true, 1]);
    dispose();
  });

  it('opens one evaluation world and a new training world when the recipe says', async () => {
    const { run, opened, dispose } = setUp(
      recipeWith({ worldSeed: 17, grpo: { questions: 1, groupSize: 2 } }),
    );
    await run.evaluate();
    for (let i = 0; i < 4; i++) await run.update();
    await run.evaluate();
    expect(opened).toHaveLength(3);
    expect(opened[0]).toBe(17);
    expect(new Set(opened).size).toBe(3);
    dispose();
  });

  it('opens its worlds again after forgetWorlds, and goes on as it would have', async () => {
    const recipe = recipeWith({ grpo: { questions: 2, groupSize: 2 } });
    const straight = await story(recipe);
    const { run, policy, opened, dispose } = setUp(recipe);
    await run.evaluate();
    await run.update();
    run.forgetWorlds();
    const { metrics } = await run.update();
    await run.evaluate();
    expect(opened).toEqual([opened[0], opened[1], opened[1], opened[0]]);
    expect(unclocked(metrics)).toEqual(straight.metrics[1]);
    expect(await fingerprint(policy)).toEqual(straight.weights);
    dispose();
  });
});

/** Hooks that abort once `phase` has come to `share` of its work. */
function abortAt(phase: UpdatePhase, share: number): RunHooks {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onPhase: (now, done, total) => {
      if (now === phase && done >= share * total) controller.abort(new Error('Stopped.'));
    },
  };
}

describe('an aborted update', () => {
  const cut = { minibatches: 3, epochs: 2 };

  it.each([
    ['while it rolls out', {}, 'rollouts', 0.4],
    ['after the last rollout', {}, 'rollouts', 1],
    ['in the middle of the gradient', {}, 'gradient', 0.5],
    ['after the first of several optimiser steps', cut, 'gradient', 0.4],
    ['in the second pass', cut, 'gradient', 0.8],
  ] as const)('%s leaves weights and run as they were', async (_when, grpo, phase, share) => {
    const recipe = recipeWith({ grpo });
    const straight = await story(recipe);
    const { run, policy, dispose } = setUp(recipe);
    await run.update();
    const before = await fingerprint(policy);
    const bytes = backend.memory().bytes;
    await expect(run.update(abortAt(phase, share))).rejects.toThrow('Stopped.');
    expect(await fingerprint(policy)).toEqual(before);
    expect(backend.memory().bytes).toBe(bytes);
    expect(run.step).toBe(1);
    // Nor is anything left in the optimiser: the same update comes out as if nothing had been.
    const { metrics } = await run.update();
    expect(unclocked(metrics)).toEqual(straight.metrics[1]);
    expect(await fingerprint(policy)).toEqual(straight.weights);
    dispose();
  });

  it('and an aborted evaluation is none', async () => {
    const { run, dispose } = setUp(tinyRecipe);
    await expect(run.evaluate(abortAt('evaluation', 0.5))).rejects.toThrow('Stopped.');
    expect((await run.evaluate()).scores.n).toBe(6);
    dispose();
  });
});
