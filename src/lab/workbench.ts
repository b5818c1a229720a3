import type { Backend } from '../engine/backend.ts';
import type { Decoder } from '../engine/decoder.ts';
import type { Embedder } from '../retrieval/embedder.ts';
import { createDenseRetriever } from '../retrieval/denseRetriever.ts';
import type { HfTokenizer } from '../text/hfTokenizer.ts';
import { Eventual } from './eventual.ts';
import { loadModel, loadWeights, MODEL_FILES, parsePrior, readAhead, type FileReader } from './modelFiles.ts';
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
  readonly info: Omit<LoadedInfo, 'memoryBytes'>;
  /** Opened beside the policies, which do not wait for it: a rollout writes its first query meanwhile. */
  embedder: Eventual<Embedder>;

  private constructor(
    policies: Pick<Workbench, 'base' | 'current' | 'trained'>,
    tokenizer: HfTokenizer,
    embedder: Eventual<Embedder>,
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

  /** Loads backend and policies and begins to open the embedding model, or throws with nothing kept. */
  static async open(
    recipe: Recipe,
    wanted: BackendChoice,
    surroundings: Surroundings,
    onProgress: (what: string, done: number, total: number) => void,
  ): Promise<Workbench> {
    onProgress('engine', 0, 3);
    const read = readAhead(surroundings.folder(`models/${recipe.model}`), MODEL_FILES);
    const reading = readPrior(read);
    const { backend, notice } = await surroundings.openBackend(wanted);
    try {
      onProgress('policy', 1, 3);
      const { decoder: base, tokenizer } = await loadModel(backend, read);
      const [tooLong] = lengthProblems(recipe, base.config.maxPositions);
      if (tooLong !== undefined) throw new RecipeError(`${tooLong}.`);
      onProgress('trained policy', 2, 3);
      const prior = await reading;
      const trained = prior.trained
        ? await loadWeights(backend, base.config, prior.read, prior.trained)
        : undefined;
      const current = copyOf(base);
      const embedder = new Eventual(() => surroundings.openEmbedder('shipped'));
      embedder.begin();
      onProgress('ready', 3, 3);
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
    this.current.parameters.copyFrom(this.base.parameters);
  }

  /** Nothing may be running on it any more. */
  async dispose(): Promise<void> {
    this.backend.dispose();
    const embedder = await this.embedder.ifBegun();
    await embedder?.dispose();
  }
}

/** What the prior has seen; the trained checkpoint that it names is read ahead. */
function readPrior(read: FileReader) {
  const reading = read('prior.json').then((bytes) => {
    const prior = parsePrior(bytes);
    return { ...prior, read: prior.trained === undefined ? read : readAhead(read, [prior.trained]) };
  });
  // Told to who waits for it, which a load that fails before does not do.
  reading.catch(() => undefined);
  return reading;
}

/** Embeds passages with one embedding model, whatever a bench uses. */
export const embeddedBy =
  (embedder: Embedder): RetrieverFactory =>
  (passages, signal) =>
    createDenseRetriever(embedder, passages, signal === undefined ? {} : { signal });
