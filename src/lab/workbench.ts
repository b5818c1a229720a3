import type { Backend } from '../engine/backend.ts';
import type { Decoder } from '../engine/decoder.ts';
import type { Embedder } from '../retrieval/embedder.ts';
import { createDenseRetriever } from '../retrieval/denseRetriever.ts';
import type { HfTokenizer } from '../text/hfTokenizer.ts';
import { loadModel, loadWeights, parsePrior } from './modelFiles.ts';
import type { BackendChoice, LoadedInfo, PolicyChoice } from './protocol.ts';
import { RecipeError } from './presets.ts';
import type { Recipe } from './recipe.ts';
import { lengthProblems } from './recipeProblems.ts';
import type { Surroundings } from './surroundings.ts';
import { copyOf } from './undo.ts';
import type { RetrieverFactory } from './worlds.ts';

/** What is loaded: one backend, the policies on it, one tokenizer, one embedding model. */
export class Workbench {
  readonly backend: Backend;
  readonly base: Decoder;
  /** The policy in training; starts as the base. */
  readonly current: Decoder;
  readonly trained: Decoder | undefined;
  readonly tokenizer: HfTokenizer;
  readonly info: Omit<LoadedInfo, 'embedder' | 'memoryBytes'>;
  embedder: Embedder;

  private constructor(
    policies: Pick<Workbench, 'base' | 'current' | 'trained'>,
    tokenizer: HfTokenizer,
    embedder: Embedder,
    info: Workbench['info'],
  ) {
    this.backend = policies.base.backend;
    this.base = policies.base;
    this.current = policies.current;
    this.trained = policies.trained;
    this.tokenizer = tokenizer;
    this.embedder = embedder;
    this.info = info;
  }

  /** Loads everything, or throws with nothing kept. */
  static async open(
    recipe: Recipe,
    wanted: BackendChoice,
    surroundings: Surroundings,
    onProgress: (what: string, done: number, total: number) => void,
  ): Promise<Workbench> {
    onProgress('engine', 0, 4);
    const { backend, notice } = await surroundings.openBackend(wanted);
    try {
      onProgress('policy', 1, 4);
      const read = surroundings.folder(`models/${recipe.model}`);
      const { decoder: base, tokenizer } = await loadModel(backend, read);
      const [tooLong] = lengthProblems(recipe, base.config.maxPositions);
      if (tooLong !== undefined) throw new RecipeError(`${tooLong}.`);
      onProgress('trained policy', 2, 4);
      const prior = parsePrior(await read('prior.json'));
      const trained = prior.trained
        ? await loadWeights(backend, base.config, read, prior.trained)
        : undefined;
      const current = copyOf(base);
      onProgress('embedding model', 3, 4);
      const embedder = await surroundings.openEmbedder('shipped');
      onProgress('ready', 4, 4);
      return new Workbench({ base, current, trained }, tokenizer, embedder, {
        backend: backend.kind,
        backendLabel: backend.label,
        ...(notice === undefined ? {} : { notice }),
        parameters: base.parameters.count,
        prior: prior.shares,
        hasTrained: trained !== undefined,
      });
    } catch (error) {
      backend.dispose();
      throw error;
    }
  }

  get loaded(): LoadedInfo {
    return { ...this.info, embedder: this.embedder.name, memoryBytes: this.backend.memory().bytes };
  }

  /** Embeds passages with the embedding model of the moment. */
  readonly retrieverOf: RetrieverFactory = (passages, signal) => embeddedBy(this.embedder)(passages, signal);

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
    this.current.parameters.copyFrom(this.base.parameters);
  }

  /** Nothing may be running on it any more. */
  async dispose(): Promise<void> {
    this.backend.dispose();
    await this.embedder.dispose();
  }
}

/** Embeds passages with one embedding model, whatever a bench uses. */
export const embeddedBy =
  (embedder: Embedder): RetrieverFactory =>
  (passages, signal) =>
    createDenseRetriever(embedder, passages, signal === undefined ? {} : { signal });
