import type { Decoder } from '../engine/decoder.ts';
import { TrainState } from '../engine/trainState.ts';
import { stepMetrics, type StepMetrics } from '../grpo/metrics.ts';
import { grpoUpdate, type GrpoResult } from '../grpo/update.ts';
import { EnginePolicy } from '../policy/enginePolicy.ts';
import { evaluate, type Evaluation } from '../research/evaluate.ts';
import { formatOf, type RolloutFormat } from '../research/format.ts';
import type { GroupResult } from '../research/groups.ts';
import { rollOut } from '../research/rollout.ts';
import type { RolloutOptions } from '../research/rolloutOptions.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { Trace } from '../traces/trace.ts';
import type { RunCheckpoint } from './checkpoint.ts';
import { drawGroups, type DrawnBatch } from './drawGroups.ts';
import { groupResult } from './groupResult.ts';
import type { UpdatePhase } from './protocol.ts';
import type { Recipe } from './recipe.ts';
import { allOrNothing, copyOf } from './undo.ts';
import { updateQuestions } from './updateQuestions.ts';
import { WatchedUpdate, type RunWatch } from './watchedUpdate.ts';
import {
  openGeneratedWorld,
  trainingWorld,
  trainingWorldIndex,
  type OpenWorld,
  type RetrieverFactory,
} from './worlds.ts';

export interface RunHooks {
  readonly signal?: AbortSignal;
  /** Awaited between steps of generation and between packed batches: lets other events in. */
  readonly breathe?: () => Promise<void>;
  readonly onPhase?: (phase: UpdatePhase, done: number, total: number) => void;
  /** Told of each token of an update's rollouts that is not watched. */
  readonly onToken?: RolloutOptions['onToken'];
  /** Sees the phases of an update, and may hold each; changes no bit of it. */
  readonly watch?: RunWatch;
}

export interface RunParts {
  /** The policy being trained; its weights change, or those of its adapter. */
  readonly policy: Decoder;
  /** The policy as it was; needed when the recipe's KL weight is not 0. */
  readonly reference?: Decoder;
  readonly tokenizer: Tokenizer;
  readonly retrieverOf: RetrieverFactory;
  readonly recipe: Recipe;
}

export interface UpdateResult {
  readonly metrics: StepMetrics;
  readonly groups: readonly GroupResult[];
}

/** GRPO on generated worlds, update by update. Deterministic in the recipe; knows nothing of page or terminal. */
export class TrainRun {
  private parts: RunParts;
  private readonly trainState: TrainState;
  private readonly enginePolicy: EnginePolicy;
  private readonly format: RolloutFormat;
  private training: { readonly index: number; readonly open: OpenWorld } | undefined;
  private evaluation: OpenWorld | undefined;
  private updates = 0;

  constructor(parts: RunParts) {
    this.parts = parts;
    this.trainState = new TrainState(parts.policy.parameters);
    const { policy, tokenizer, recipe } = parts;
    this.enginePolicy = new EnginePolicy({ name: recipe.model, decoder: policy, tokenizer });
    this.format = formatOf(tokenizer, recipe.rollout.prompt);
  }

  /** Updates done. */
  get step(): number {
    return this.updates;
  }

  get finished(): boolean {
    return this.updates >= this.parts.recipe.grpo.steps;
  }

  /**
   * One update: rollouts, rewards, advantages, gradient, optimiser. When it rejects (an abort, a loss that is not
   * finite), weights, optimiser and step are as they were before it.
   */
  async update(hooks: RunHooks = {}): Promise<UpdateResult> {
    const { policy } = this.parts;
    const { grpo } = this.parts.recipe;
    const watched = hooks.watch && new WatchedUpdate(hooks.watch);
    const started = performance.now();
    const { groups, replaced } = await this.draw(hooks, watched);
    const rolledOut = performance.now();
    watched?.rollouts({ groups, replaced });
    const traces = groups.map((group) => group.traces);
    const learn = (): Promise<GrpoResult> =>
      watched === undefined ? this.learn(traces, hooks) : this.learnWatched(traces, hooks, watched);
    // A single optimiser step comes last and cannot be broken off; of several, some may have been made.
    const breakable = grpo.minibatches * grpo.epochs > 1 || watched !== undefined;
    const { groups: judged, stats } = await (breakable
      ? allOrNothing(policy, this.trainState, learn)
      : learn());
    this.updates++;
    const seconds = {
      rollout: (rolledOut - started) / 1000,
      train: (performance.now() - rolledOut - (watched?.heldMilliseconds ?? 0)) / 1000,
    };
    // What was replaced was drawn all the same: curves without it would show the chosen groups, not the policy.
    const drawn = [...judged.flat(), ...replaced.flatMap(({ traces }) => traces)];
    const flat = stats.zeroSpreadGroups * groups.length + replaced.length;
    const zeroSpreadGroups = flat / Math.max(1, groups.length + replaced.length);
    return {
      metrics: stepMetrics(this.updates, drawn, { ...stats, zeroSpreadGroups }, seconds),
      groups: judged.map((group, g) => groupResult(g, groups[g]?.question, group)),
    };
  }

  /** The update's rollouts, group by group. */
  private async draw(hooks: RunHooks, watched: WatchedUpdate | undefined): Promise<DrawnBatch> {
    const { rollout, grpo, seed } = this.parts.recipe;
    const onToken = watched?.onToken ?? hooks.onToken;
    const { world, retriever } = await this.trainingWorld(hooks.signal);
    const { questions, spare } = updateQuestions(this.parts.recipe, this.updates, world.questions);
    return drawGroups(questions, spare, {
      groupSize: grpo.groupSize,
      redraws: grpo.redraws,
      rollOut: async (tasks, round) => {
        const step = `step ${String(this.updates + 1)}`;
        const traces = await rollOut(this.enginePolicy, retriever, tasks, {
          ...this.rolloutOptions(hooks),
          sampling: { temperature: rollout.temperature, topK: rollout.topK, topP: rollout.topP },
          emptyQuery: 'search',
          seed: (seed ^ Math.imul(this.updates + 1, 0x9e3779b1)) & 0x7fffffff,
          slots: tasks.length,
          label: round === 0 ? step : `${step}, redraw ${String(round)}`,
          step: this.updates,
          onProgress: (done, total) => hooks.onPhase?.('rollouts', done, total),
          ...(onToken ? { onToken } : {}),
        });
        hooks.signal?.throwIfAborted();
        return traces;
      },
    });
  }

  /** The same, phase by phase, and then what it has moved. */
  private async learnWatched(
    groups: readonly (readonly Trace[])[],
    hooks: RunHooks,
    watched: WatchedUpdate,
  ): Promise<GrpoResult> {
    const before = copyOf(this.parts.policy);
    try {
      const result = await this.learn(groups, hooks, watched);
      const { signal, breathe } = hooks;
      await watched.moved(before, this.parts.policy, this.parts, {
        ...(signal ? { signal } : {}),
        ...(breathe ? { breathe } : {}),
      });
      return result;
    } finally {
      before.parameters.dispose();
    }
  }

  private learn(
    groups: readonly (readonly Trace[])[],
    hooks: RunHooks,
    watched?: WatchedUpdate,
  ): Promise<GrpoResult> {
    const { recipe, policy, reference } = this.parts;
    return grpoUpdate(
      {
        decoder: policy,
        trainState: this.trainState,
        ...(reference ? { reference } : {}),
        ...(hooks.signal ? { signal: hooks.signal } : {}),
        ...(hooks.breathe ? { breathe: hooks.breathe } : {}),
        onProgress: (done, total) => hooks.onPhase?.('gradient', done, total),
        ...(watched ? { watch: watched.update } : {}),
      },
      groups,
      this.updates + 1,
      {
        ...recipe.grpo,
        temperature: recipe.rollout.temperature,
        maxTokens: recipe.rollout.maxTokens,
        tokensPerBatch: recipe.backend.tokensPerBatch,
      },
    );
  }

  /**
   * Greedy and sampled answers on the evaluation world, which is never trained on.
   * @param of the policy as it is, or (`reference`) as it was before the first update
   */
  async evaluate(
    hooks: RunHooks = {},
    questions = this.parts.recipe.evaluation.questions,
    of: 'policy' | 'reference' = 'policy',
  ): Promise<Evaluation> {
    const { recipe, retrieverOf, reference, tokenizer } = this.parts;
    if (of === 'reference' && reference === undefined) throw new Error('The run has no reference policy.');
    const policy =
      of === 'policy' || reference === undefined
        ? this.enginePolicy
        : new EnginePolicy({ name: recipe.model, decoder: reference, tokenizer });
    const updates = of === 'policy' ? this.updates : 0;
    this.evaluation ??= await openGeneratedWorld(
      recipe,
      { seed: recipe.worldSeed, places: 0, questions: recipe.evaluation.questions },
      retrieverOf,
      hooks.signal,
    );
    const { world, retriever } = this.evaluation;
    return evaluate(policy, retriever, world.questions.slice(0, questions), {
      ...this.rolloutOptions(hooks),
      seed: recipe.seed,
      slots: 128,
      label: `evaluation ${String(updates)}`,
      step: updates,
      sampled: true,
      onProgress: (done, total) => hooks.onPhase?.('evaluation', done, total),
    });
  }

  /** Worlds are opened again when next needed: their passages must be embedded anew. */
  forgetWorlds(): void {
    this.training = undefined;
    this.evaluation = undefined;
  }

  /** Takes over a recipe that differs only in what may change between updates (turning.ts). */
  turn(recipe: Recipe): void {
    this.parts = { ...this.parts, recipe };
  }

  /** The run between two updates, as data. */
  async checkpoint(): Promise<Omit<RunCheckpoint, 'evaluatedBefore' | 'evaluatedAfter'>> {
    const { parameters } = this.parts.policy;
    const { step, m, v } = await this.trainState.save();
    const weights = await parameters.backend.readF32(parameters.flat);
    return { version: 1, updates: this.updates, weights, m, v, adamStep: step };
  }

  /** Goes on from a checkpoint of the same recipe. @throws when it is of another model; nothing is changed then */
  restore({ updates, weights, m, v, adamStep }: RunCheckpoint): void {
    const { parameters } = this.parts.policy;
    if (weights.length !== parameters.size) {
      throw new Error(
        `The run was of a policy that trains ${String(weights.length)} numbers, this one trains ${String(parameters.size)}: choose its model, and its adapter.`,
      );
    }
    this.trainState.restore({ step: adamStep, m, v });
    parameters.backend.write(parameters.flat, weights);
    this.updates = updates;
  }

  dispose(): void {
    this.trainState.dispose();
  }

  private rolloutOptions(hooks: RunHooks) {
    const { rollout, reward } = this.parts.recipe;
    const { passages, maxTokens, maxSearches } = rollout;
    return {
      format: this.format,
      passages,
      maxTokens,
      maxSearches,
      reward,
      ...(hooks.signal ? { signal: hooks.signal } : {}),
      ...(hooks.breathe ? { breathe: hooks.breathe } : {}),
    };
  }

  private async trainingWorld(signal?: AbortSignal): Promise<OpenWorld> {
    const { recipe, retrieverOf } = this.parts;
    const index = trainingWorldIndex(recipe, this.updates);
    if (this.training?.index !== index) {
      const drawn = trainingWorld(recipe, this.updates);
      this.training = { index, open: await openGeneratedWorld(recipe, drawn, retrieverOf, signal) };
    }
    return this.training.open;
  }
}
