import { whole } from '../engine/pieces.ts';
import { exportModel, SHARD_BYTES, type ExportFile } from './exportModel.ts';
import type { Loaded } from './loaded.ts';
import { memoryFacts, type MemoryFacts } from './memoryBook.ts';
import { checkMemory, estimateMemory } from './memoryEstimate.ts';
import type { ModelParts } from './modelFiles.ts';
import type { ExportChoice, ModelEvent, ModelRequest } from './modelProtocol.ts';
import { adapterFiles } from './peftAdapter.ts';
import type { BackendChoice } from './protocol.ts';
import { readModel } from './readModel.ts';
import { lengthProblems, QUESTION_ROOM } from './recipeProblems.ts';
import type { Surroundings } from './surroundings.ts';
import { frameOf, planTraining } from './training.ts';
import { writeFiles } from './writeFiles.ts';

/**
 * Says what training would take, and writes what was trained. What opens a model's files takes its turn here, for a
 * browser may have them open once only.
 */
export class ModelDesk {
  private readonly post: (event: ModelEvent) => void;
  private before: Promise<unknown> = Promise.resolve();
  private writing = new AbortController();
  /** What is known of a backend that was opened to be asked. */
  private readonly facts = new Map<BackendChoice, Promise<MemoryFacts>>();

  constructor(post: (event: ModelEvent) => void) {
    this.post = post;
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.before.then(work);
    this.before = mine.catch(() => undefined);
    return mine;
  }

  /** Breaks off what is being written. */
  stop(): void {
    this.writing.abort(new Error('Another policy was loaded: what was being written is not whole.'));
    this.writing = new AbortController();
  }

  estimate(
    request: Extract<ModelRequest, { type: 'estimate' }>,
    surroundings: Surroundings,
    loaded: Loaded | undefined,
  ): Promise<void> {
    return this.inTurn(async () => {
      const { id, recipe, backend } = request;
      const facts = await this.factsOf(backend, surroundings);
      const parts = await partsOf(recipe.model, surroundings, loaded);
      const plan = planTraining(recipe, parts);
      const prompt = frameOf(parts, recipe) + QUESTION_ROOM;
      const estimate = estimateMemory(facts, parts.config, plan, recipe, prompt);
      const [tooLong] = lengthProblems(recipe, parts.config.maxPositions, frameOf(parts, recipe));
      const refusal = tooLong === undefined ? refusalOf(facts, estimate, recipe.model) : `${tooLong}.`;
      this.post({
        type: 'estimated',
        id,
        estimate,
        backendLabel: facts.label,
        ...(facts.memoryLimit === undefined ? {} : { limit: facts.memoryLimit }),
        ...(refusal === undefined ? {} : { refusal }),
      });
    });
  }

  export(
    { id, choice, folder }: Extract<ModelRequest, { type: 'export' }>,
    loaded: Loaded,
    signal: AbortSignal,
  ): Promise<void> {
    const either = AbortSignal.any([signal, this.writing.signal]);
    return this.inTurn(async () => {
      either.throwIfAborted();
      const files = await filesOf(choice, loaded);
      either.throwIfAborted();
      const tell = (file: string, done: number, total: number): void =>
        this.post({ type: 'exportProgress', id, file, done, total });
      this.post({ type: 'exported', id, files: await writeFiles(files, folder, either, tell) });
    });
  }

  private factsOf(choice: BackendChoice, surroundings: Surroundings): Promise<MemoryFacts> {
    const known = this.facts.get(choice);
    if (known !== undefined) return known;
    const asked = surroundings.openBackend(choice).then(({ backend }) => {
      const facts = memoryFacts(backend);
      backend.dispose();
      return facts;
    });
    this.facts.set(choice, asked);
    // Asked again, it may be there.
    asked.catch(() => this.facts.delete(choice));
    return asked;
  }
}

async function partsOf(
  model: string,
  surroundings: Surroundings,
  loaded: Loaded | undefined,
): Promise<ModelParts> {
  if (loaded?.recipe.model === model) return loaded.bench.parts;
  return readModel(await surroundings.model(model));
}

function refusalOf(
  facts: MemoryFacts,
  estimate: Parameters<typeof checkMemory>[1],
  model: string,
): string | undefined {
  try {
    checkMemory(facts, estimate, model);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What is written of a choice. The base is read anew: its files may have been closed since it was loaded. */
async function filesOf(
  choice: ExportChoice,
  { bench, recipe, train, surroundings }: Loaded,
): Promise<readonly ExportFile[]> {
  const { current, plan } = bench;
  const tensors = current.parameters.tensorsOf(await train.weights());
  const adapter = plan.adapter === undefined ? undefined : { options: plan.adapter, tensors };
  const model = recipe.model.replace(/^kept:/, '');
  if (choice.what === 'adapter') {
    if (adapter === undefined) {
      throw new Error(
        'This run trains all weights and no adapter. Download the model, or set training.method to lora.',
      );
    }
    return [...adapterFiles(current.config, adapter, model)].map(([name, bytes]) => ({
      name,
      ...whole(bytes),
    }));
  }
  const parts = await readModel(await surroundings.model(recipe.model));
  return exportModel(parts, adapter === undefined ? tensors : await parts.weights(), adapter, {
    ...choice,
    name: `${model.split('/').at(-1) ?? model} trained`.replace(/\.gguf\b/, ''),
    shardBytes: SHARD_BYTES,
  });
}
