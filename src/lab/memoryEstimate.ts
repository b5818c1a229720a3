/** What a model and its training will hold, found before any of it is loaded. */
import { EngineError, type Backend } from '../engine/backend.ts';
import type { DecoderConfig } from '../engine/config.ts';
import { Decoder } from '../engine/decoder.ts';
import { decoderTensors } from '../engine/decoderTensors.ts';
import { keptAs, type WeightKind } from '../engine/frozenWeights.ts';
import { cacheBytes, KvCache } from '../engine/kvCache.ts';
import { loraMatrices, loraTensors, LoraWeights, type LoraOptions } from '../engine/lora.ts';
import { Tape, type Weight, type WeightSource } from '../engine/ops/tape.ts';
import { packSequences, uploadBatch } from '../engine/packing.ts';
import { Parameters } from '../engine/parameters.ts';
import { quantisedWords } from '../engine/quantised.ts';
import { sizeOf } from '../engine/tensors.ts';
import { TrainState } from '../engine/trainState.ts';
import { workspaceBytes } from '../engine/wasm/scratch.ts';
import { EnginePolicy } from '../policy/enginePolicy.ts';
import { memoryBook, wasmFacts, type MemoryFacts } from './memoryBook.ts';
import { presets } from './presets.ts';
import type { Recipe } from './recipe.ts';
import type { TrainingPlan } from './training.ts';

/** Bytes. `total` is the most held at once, while rollouts are written or while their gradient is computed. */
export interface MemoryEstimate {
  /** The model, with the reference beside it where all of it is trained, and products' copies of f32 matrices. */
  readonly weights: number;
  /** Gradients and both moments of what is trained, and the adapter. */
  readonly training: number;
  /** Keys and values of the rollouts that run at once. */
  readonly cache: number;
  /** Beside those: activations while rollouts are written, and while a packed batch is learned from. */
  readonly writing: number;
  readonly learning: number;
  readonly total: number;
}

/** WebAssembly keeps f32 matrices that are used again also in panels, up to this much (engine/wasm/panels.ts). */
const MOST_PANELS = 2 ** 29;
/** Rows of a step of generation at most (engine/generation.ts). */
const STEP_ROWS = 2048;

/** The packed batch of an update that takes most: its rows, and those of the loss. */
interface LargestBatch {
  readonly tokens: number;
  readonly lossRows: number;
  /** Packed batches of the update. */
  readonly batches: number;
}

/**
 * As `packTraces` packs them, were all rollouts as long as they may be and all they wrote their own.
 * @param share rollouts of a group share the rows of their prompt
 */
function largestBatch(
  { grpo, rollout, backend }: Recipe,
  prompt: number,
  response: number,
  share: boolean,
): LargestBatch {
  // The last token is only a target.
  const written = Math.min(response, rollout.maxTokens) - 1;
  let [tokens, lossRows, batches, most] = [0, 0, 0, { tokens: 0, lossRows: 0 }];
  for (let question = 0; question < grpo.questions; question++) {
    let shared = false;
    for (let one = 0; one < grpo.groupSize; one++) {
      const cost = shared && share ? written : prompt + written;
      const full = batches > 0 && tokens + cost > backend.tokensPerBatch;
      if (full || batches === 0) {
        batches++;
        [tokens, lossRows] = [prompt + written, written + 1];
      } else {
        tokens += cost;
        lossRows += written + 1;
      }
      shared = true;
      if (tokens > most.tokens) most = { tokens, lossRows };
    }
  }
  return { ...most, batches };
}

/**
 * Runs one step of generation and one packed batch over a backend that only keeps books.
 * @param prompt tokens of a prompt
 */
export function estimateMemory(
  like: MemoryFacts,
  config: DecoderConfig,
  plan: TrainingPlan,
  recipe: Recipe,
  prompt: number,
): MemoryEstimate {
  const { questions, groupSize } = recipe.grpo;
  const capacity = Math.min(prompt + recipe.rollout.maxTokens, config.maxPositions);
  const batch = largestBatch(recipe, prompt, capacity - prompt, like.sharesPrefixes === true);

  const backend = memoryBook(like);
  const held = (): number => backend.memory().bytes;
  const { decoder, weights } = bookedPolicy(backend, config, plan);
  const before = held();
  const state = new TrainState(decoder.parameters);
  const training = held() - before + (plan.adapter === undefined ? 0 : 4 * decoder.parameters.size);

  const slots = Math.min(questions * groupSize, EnginePolicy.slotsFor(config, capacity));
  const cache = cacheBytes(config, slots, capacity);
  const rows = Math.max(slots, Math.min(STEP_ROWS, questions * prompt));
  const writing = mostOf(config, like, plan, (book, policy) => {
    const kept = new KvCache(book, config, 1, 1);
    const tape = new Tape(book, 'infer');
    const list = (): Int32Array => new Int32Array(rows);
    const cached = { ids: tape.upload(list()), positions: tape.upload(list()), slots: tape.upload(list()) };
    const last = tape.upload(new Int32Array(slots));
    const drawn = { rows: last, slots: last, positions: last };
    policy.logits(tape, policy.forwardCached(tape, cached, kept, drawn), null);
  });
  const learning = mostOf(config, like, plan, (book, policy) => {
    const tape = new Tape(book, 'record');
    const device = uploadBatch(tape, packSequences([new Int32Array(batch.tokens)]));
    const targets = tape.upload(new Int32Array(batch.lossRows));
    const stream = policy.forward(tape, device, true, tape.upload(new Int32Array(batch.lossRows)));
    const { logprob } = policy.score(tape, stream, null, targets, 1);
    tape.backward([{ value: logprob, gradient: new Float32Array(logprob.size) }]);
  });
  state.dispose();
  const own = ownBytes(backend, config, plan, batch, capacity);
  return {
    weights: weights + own.panels,
    training,
    cache,
    writing,
    learning: learning + own.workspace,
    total: weights + own.panels + training + Math.max(cache + writing, learning + own.workspace),
  };
}

/** Tokens of the instruct prompt with a question, about, where the tokenizer is not known yet (SmolLM2: 210). */
const USUAL_PROMPT = 256;

/**
 * Bytes that training an adapter takes beside the weights on WebAssembly, by the recipe that the page starts with.
 * @param checkpointing layers are run twice
 */
export function adapterBytes(config: DecoderConfig, checkpointing: boolean): number {
  const recipe = presets.quick;
  const { rank, alpha, targets } = recipe.training;
  const adapter = { rank, alpha, targets: targets.split(',') };
  const plan: TrainingPlan = { weights: 'int4', adapter, checkpointing };
  const prompt = Math.min(USUAL_PROMPT, Math.floor(config.maxPositions / 2));
  const { total, weights } = estimateMemory(wasmFacts, config, plan, recipe, prompt);
  return total - weights;
}

/** @throws EngineError in words where what is needed is more than the backend can hold */
export function checkMemory(
  backend: Pick<MemoryFacts, 'label' | 'memoryLimit'>,
  estimate: MemoryEstimate,
  model: string,
): void {
  const { memoryLimit } = backend;
  if (memoryLimit === undefined || estimate.total <= memoryLimit) return;
  const { weights, training, cache, writing, learning } = estimate;
  const mend =
    weights + training > memoryLimit / 2
      ? 'Set training.method to lora and training.frozen to int4, or choose a smaller model.'
      : cache + writing > learning
        ? 'Lower grpo.questions, grpo.groupSize or rollout.maxTokens.'
        : 'Set training.checkpointing, or lower backend.tokensPerBatch and rollout.maxTokens.';
  throw new EngineError(
    `${model} would need ${mebibytes(estimate.total)} of memory (${describeMemory(estimate)}), and ${backend.label} can hold ${mebibytes(memoryLimit)}. ${mend}`,
  );
}

export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** The parts of an estimate in words. */
export const describeMemory = ({ weights, training, cache, writing, learning }: MemoryEstimate): string =>
  `weights ${mebibytes(weights)}, training ${mebibytes(training)}, ` +
  `then rollouts ${mebibytes(cache + writing)} or gradient ${mebibytes(learning)}`;

/** Most bytes that `work` takes beside the policy that it works with. */
function mostOf(
  config: DecoderConfig,
  like: MemoryFacts,
  plan: TrainingPlan,
  work: (book: Backend, policy: Decoder) => void,
): number {
  const book = memoryBook(like);
  const { decoder } = bookedPolicy(book, config, plan);
  new TrainState(decoder.parameters);
  const before = book.memory().bytes;
  work(book, decoder);
  return book.memory().peakBytes - before;
}

function bookedPolicy(
  book: Backend,
  config: DecoderConfig,
  { weights: kind, adapter, checkpointing }: TrainingPlan,
): { readonly decoder: Decoder; readonly weights: number } {
  if (adapter === undefined) {
    const parameters = new Parameters(book, decoderTensors(config));
    const decoder = new Decoder(config, parameters, parameters, { checkpointing });
    return { decoder, weights: 2 * 4 * parameters.size };
  }
  const frozen = new BookedWeights(book, config, kind);
  const { bytes } = book.memory();
  const factors = new Parameters(book, loraTensors(config, adapter));
  const source = new LoraWeights(frozen, factors, config, adapter);
  return {
    decoder: new Decoder(config, factors, source, { checkpointing }),
    weights: bytes,
  };
}

/** What a backend holds of its own: panels of f32 matrices that it uses again and again, and scratch. */
function ownBytes(
  backend: MemoryFacts,
  config: DecoderConfig,
  plan: TrainingPlan,
  { lossRows, batches }: LargestBatch,
  longest: number,
): { readonly panels: number; readonly workspace: number } {
  const { kind, threads = 1 } = backend;
  if (kind !== 'wasm') return { panels: 0, workspace: 0 };
  let panels = 0;
  const add = (rows: number, columns: number): void => {
    panels += 4 * 8 * Math.ceil(rows / 8) * columns;
  };
  for (const { rank, cols, rows } of plan.adapter === undefined ? [] : adapted(config, plan.adapter)) {
    add(rank, cols);
    // Only the gradient multiplies by B in that way, once a batch: the second pays for it.
    if (batches > 1) add(rank, rows);
  }
  for (const { shape } of plan.weights === 'f32' ? decoderTensors(config) : []) {
    const [rows = 0, cols] = shape;
    if (cols !== undefined) add(rows, cols);
  }
  const { hiddenSize: D, vocabSize: V, headDim: C } = config;
  const kept = backend.keepsLogits?.(lossRows, V) === true;
  const workspace = workspaceBytes(threads, { N: lossRows, D, V, kept, longest, C });
  return { panels: Math.min(MOST_PANELS, panels), workspace };
}

const adapted = (config: DecoderConfig, options: LoraOptions) =>
  loraMatrices(config, options).map((matrix) => ({ ...matrix, rank: options.rank }));

/** Frozen weights of a kind, of which only the sizes are there. */
class BookedWeights implements WeightSource {
  readonly backend: Backend;
  private readonly weights: ReadonlyMap<string, Weight>;

  constructor(backend: Backend, config: DecoderConfig, kind: WeightKind) {
    this.backend = backend;
    this.weights = new Map(
      decoderTensors(config).map((spec): [string, Weight] => {
        const { name, shape } = spec;
        const kept = keptAs(spec, kind);
        const [rows = 0, cols = 0] = shape;
        const length = kept === 'f32' ? sizeOf(shape) : quantisedWords(kept, rows, cols);
        const data = backend.alloc(length);
        return [name, { name, shape, data, grad: null, ...(kept === 'f32' ? {} : { quantised: kept }) }];
      }),
    );
  }

  weight(name: string): Weight {
    const weight = this.weights.get(name);
    if (weight === undefined) throw new EngineError(`there is no weight named ${name}`);
    return weight;
  }
}
