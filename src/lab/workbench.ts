import type { Backend } from '../engine/backend.ts';
import type { Decoder } from '../engine/decoder.ts';
import { modelSize } from '../engine/decoderTensors.ts';
import type { Parameters } from '../engine/parameters.ts';
import type { Embedder } from '../retrieval/embedder.ts';
import { createDenseRetriever } from '../retrieval/denseRetriever.ts';
import type { HfTokenizer } from '../text/hfTokenizer.ts';
import { Eventual } from './eventual.ts';
import {
  loadWeights,
  MODEL_FILES,
  parsePrior,
  readAhead,
  type FileReader,
  type ModelParts,
} from './modelFiles.ts';
import type { AdapterChoice } from './modelProtocol.ts';
import { ADAPTER_CONFIG, placeAdapter, readAdapter } from './peftAdapter.ts';
import type { ModelSource } from './modelSource.ts';
import type { BackendChoice, LoadedInfo, PolicyChoice } from './protocol.ts';
import { RecipeError } from './presets.ts';
import type { Recipe } from './recipe.ts';
import { memoryFacts } from './memoryBook.ts';
import { checkMemory, estimateMemory } from './memoryEstimate.ts';
import { lengthProblems, QUESTION_ROOM } from './recipeProblems.ts';
import { readModel } from './readModel.ts';
import type { Surroundings } from './surroundings.ts';
import { frameOf, isNano, openTrainable, planTraining, type TrainingPlan } from './training.ts';
import { copyOf } from './undo.ts';
import type { RetrieverFactory } from './worlds.ts';

export interface BenchOptions {
  readonly recipe: Recipe;
  readonly backend: BackendChoice;
  /** What is trained begins as this. */
  readonly adapter: AdapterChoice | undefined;
}

/** What is loaded: one backend, the policies on it, one tokenizer, one embedding model. */
export class Workbench {
  readonly backend: Backend;
  readonly base: Decoder;
  /** The policy in training; starts as the base. */
  readonly current: Decoder;
  readonly trained: Decoder | undefined;
  readonly parts: ModelParts;
  readonly plan: TrainingPlan;
  readonly info: Omit<LoadedInfo, 'memoryBytes'>;
  /** Opened beside the policies, which do not wait for it: a rollout writes its first query meanwhile. */
  embedder: Eventual<Embedder>;
  /** What `current` trains, as it was at first. */
  private readonly beginning: Parameters;

  private constructor(
    policies: Pick<Workbench, 'base' | 'current' | 'trained' | 'parts' | 'plan'>,
    embedder: Eventual<Embedder>,
    info: Workbench['info'],
  ) {
    this.backend = policies.base.backend;
    this.base = policies.base;
    this.current = policies.current;
    this.trained = policies.trained;
    this.parts = policies.parts;
    this.plan = policies.plan;
    this.embedder = embedder;
    this.info = info;
    this.beginning = this.plan.adapter === undefined ? this.base.parameters : this.current.parameters.copy();
  }

  /** Loads backend and policies and begins to open the embedding model, or throws with nothing kept. */
  static async open(
    { recipe, backend: wanted, adapter: chosen }: BenchOptions,
    surroundings: Surroundings,
    onProgress: (what: string, done: number, total: number) => void,
  ): Promise<Workbench> {
    onProgress('engine', 0, 3);
    const source = await begun(surroundings.model(recipe.model));
    const reading = readPrior(source);
    const { backend, notice } = await surroundings.openBackend(wanted);
    try {
      onProgress('policy', 1, 3);
      const parts = await readModel(source);
      const { config } = parts;
      const [tooLong] = lengthProblems(recipe, config.maxPositions, frameOf(parts, recipe));
      if (tooLong !== undefined) throw new RecipeError(`${tooLong}.`);
      const adapter = chosen && (await readAdapter(config, readerOf(chosen)));
      const plan = planTraining(recipe, parts, adapter?.options);
      if (chosen !== undefined) checkAdapter(recipe, chosen.name, plan);
      const estimate = estimateMemory(
        memoryFacts(backend),
        config,
        plan,
        recipe,
        frameOf(parts, recipe) + QUESTION_ROOM,
      );
      checkMemory(backend, estimate, recipe.model);
      const begin = adapter ? { factors: placeAdapter(backend, config, adapter) } : { seed: recipe.seed };
      const current = await openTrainable(backend, parts, plan, begin);
      const base = current.reference();
      onProgress('trained policy', 2, 3);
      // Only the small policies trained here come with a prior of their own.
      const prior = isNano(parts) ? await reading : undefined;
      const trained = prior?.trained
        ? await loadWeights(backend, config, prior.read, prior.trained)
        : undefined;
      const embedder = new Eventual(() => surroundings.openEmbedder('shipped'));
      embedder.begin();
      onProgress('ready', 3, 3);
      return new Workbench({ base, current, trained, parts, plan }, embedder, {
        backend: backend.kind,
        backendLabel: backend.label,
        ...(notice === undefined ? {} : { notice }),
        parameters: modelSize(config),
        trainable: current.parameters.count,
        ...(plan.adapter && { adapter: { ...plan.adapter, ...(chosen && { begun: chosen.name }) } }),
        weights: plan.weights,
        prior: prior?.shares ?? [],
        hasTrained: trained !== undefined,
      });
    } catch (error) {
      backend.dispose();
      throw error;
    }
  }

  get tokenizer(): HfTokenizer {
    return this.parts.tokenizer;
  }

  get loaded(): LoadedInfo {
    return { ...this.info, memoryBytes: this.backend.memory().peakBytes };
  }

  /** Embeds passages with the embedding model of the moment. */
  readonly retrieverOf: RetrieverFactory = async (passages, signal) =>
    embeddedBy(await this.embedder.get())(passages, signal);

  policy(choice: PolicyChoice): Decoder {
    if (choice === 'base') return this.base;
    if (choice === 'current') return this.current;
    if (!this.trained)
      throw new Error('This model folder has no trained checkpoint: train the policy first.');
    return this.trained;
  }

  /** A policy's weights as they are now, in memory of their own: later updates do not change them. Dispose after use. */
  freeze(choice: PolicyChoice): Decoder {
    return copyOf(this.policy(choice));
  }

  /** The policy in training forgets what it learned. */
  reset(): void {
    this.current.parameters.copyFrom(this.beginning);
  }

  /** Nothing may be running on it any more. */
  async dispose(): Promise<void> {
    this.backend.dispose();
    const embedder = await this.embedder.ifBegun();
    await embedder?.dispose();
  }
}

/** The source with its files being read already, where they are several. */
async function begun(naming: Promise<ModelSource>): Promise<ModelSource> {
  const source = await naming;
  // What is read tensor by tensor must not come whole beforehand.
  if (source.kind === 'gguf' || source.open !== undefined) return source;
  return { ...source, read: readAhead(source.read, MODEL_FILES) };
}

/** What the prior has seen, where the model is a folder; the trained checkpoint that it names is read ahead. */
function readPrior(source: ModelSource) {
  const reading = priorOf(source);
  // Told to who waits for it, which a load that fails before does not do.
  reading.catch(() => undefined);
  return reading;
}

async function priorOf(source: ModelSource) {
  // Of the page's own policies alone is it known.
  if (source.kind === 'gguf' || source.open !== undefined) return undefined;
  const { read } = source;
  const prior = parsePrior(await read('prior.json'));
  return { ...prior, read: prior.trained === undefined ? read : readAhead(read, [prior.trained]) };
}

const readerOf =
  ({ config, weights }: AdapterChoice): FileReader =>
  (name) =>
    Promise.resolve(name === ADAPTER_CONFIG ? config : weights);

/** A run that goes on, or that somebody else makes, knows the recipe alone: it has to say what the adapter is. */
function checkAdapter({ training }: Recipe, name: string, { adapter }: TrainingPlan): void {
  if (adapter === undefined) return;
  const targets = [...adapter.targets].sort().join();
  const same =
    adapter.rank === training.rank &&
    adapter.alpha === training.alpha &&
    targets === training.targets.split(',').sort().join();
  if (same) return;
  throw new RecipeError(
    `training: ${name} is of rank ${adapter.rank}, alpha ${adapter.alpha} and targets ${targets}, the recipe says otherwise. Set these, or begin without it.`,
  );
}

/** Embeds passages with one embedding model, whatever a bench uses. */
export const embeddedBy =
  (embedder: Embedder): RetrieverFactory =>
  (passages, signal) =>
    createDenseRetriever(embedder, passages, signal === undefined ? {} : { signal });
