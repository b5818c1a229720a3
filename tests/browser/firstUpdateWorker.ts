/** A run's first update on either backend, in a worker and from the shipped files, as the page does it. */
import type { BackendKind } from '../../src/engine/backend.ts';
import type { NamedTensors } from '../../src/engine/tensors.ts';
import { TrainState, type UpdateOptions } from '../../src/engine/trainState.ts';
import type { UpdateStats } from '../../src/grpo/metrics.ts';
import { grpoUpdate } from '../../src/grpo/update.ts';
import { browserSurroundings } from '../../src/lab/browserSurroundings.ts';
import type { Recipe } from '../../src/lab/recipe.ts';
import { TrainRun, type UpdateResult } from '../../src/lab/trainRun.ts';
import { Workbench } from '../../src/lab/workbench.ts';
import type { Trace } from '../../src/traces/trace.ts';
import { compareUpdates, type UpdateDifferences } from './updateDifferences.ts';

declare global {
  /** What the worker offers to the test that drives it. */
  var firstUpdate: {
    /** Loads engine and policy. Label of the backend that came, and why it is another where it is. */
    open(kind: BackendKind, recipe: Recipe, baseUrl: string): Promise<{ label: string; notice?: string }>;
    /** The first update as a run makes it, rollouts and all. */
    run(kind: BackendKind): Promise<UpdateResult>;
    /** The update of the shipped weights by these rollouts. */
    learn(kind: BackendKind, groups: readonly (readonly Trace[])[]): Promise<Learned>;
    /** Gradients and new weights of the two `learn`s against each other. */
    differences(): UpdateDifferences;
  };
}

export interface Learned {
  readonly stats: UpdateStats;
  readonly groups: readonly (readonly Trace[])[];
}

interface Side {
  readonly bench: Workbench;
  readonly recipe: Recipe;
  gradient: NamedTensors;
  before: NamedTensors;
  after: NamedTensors;
}

const sides = new Map<BackendKind, Side>();

function sideOf(kind: BackendKind): Side {
  const side = sides.get(kind);
  if (!side) throw new Error(`${kind} was not opened`);
  return side;
}

/** Keeps the gradient that the optimiser is given. */
class WatchedTrainState extends TrainState {
  gradient: NamedTensors = new Map();

  override async update(options: UpdateOptions): Promise<number> {
    const flat = await this.parameters.backend.readF32(this.grads);
    this.gradient = this.parameters.tensorsOf(flat);
    return super.update(options);
  }
}

globalThis.firstUpdate = {
  async open(kind, recipe, baseUrl) {
    const bench = await Workbench.open(
      { recipe, backend: kind, adapter: undefined },
      browserSurroundings(baseUrl),
      () => undefined,
    );
    const none: NamedTensors = new Map();
    sides.set(kind, { bench, recipe, gradient: none, before: none, after: none });
    const { backendLabel: label, notice } = bench.info;
    return { label, ...(notice === undefined ? {} : { notice }) };
  },

  async run(kind) {
    const { bench, recipe } = sideOf(kind);
    const { current, base, tokenizer, retrieverOf } = bench;
    const run = new TrainRun({ policy: current, reference: base, tokenizer, retrieverOf, recipe });
    try {
      return await run.update();
    } finally {
      run.dispose();
      bench.reset();
    }
  },

  async learn(kind, groups) {
    const side = sideOf(kind);
    const { recipe, bench } = side;
    const decoder = bench.current;
    const trainState = new WatchedTrainState(decoder.parameters);
    side.before = await decoder.parameters.toTensors();
    const learned = await grpoUpdate({ decoder, trainState, reference: bench.base }, groups, 1, {
      ...recipe.grpo,
      temperature: recipe.rollout.temperature,
      maxTokens: recipe.rollout.maxTokens,
      tokensPerBatch: recipe.backend.tokensPerBatch,
    });
    side.gradient = trainState.gradient;
    side.after = await decoder.parameters.toTensors();
    trainState.dispose();
    bench.reset();
    return learned;
  },

  differences: () =>
    compareUpdates(sideOf('wasm'), sideOf('webgpu'), sideOf('wasm').recipe.grpo.learningRate),
};
postMessage('ready');
