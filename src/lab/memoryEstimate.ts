/** What a model and its training will hold, found before any of it is loaded. */
import { EngineError, type Backend } from '../engine/backend.ts';
import type { DecoderConfig } from '../engine/config.ts';
import { Decoder } from '../engine/decoder.ts';
import { decoderTensors } from '../engine/decoderTensors.ts';
import { keptAs, type WeightKind } from '../engine/frozenWeights.ts';
import { cacheBytes, KvCache } from '../engine/kvCache.ts';
import { loraTensors, LoraWeights } from '../engine/lora.ts';
import { Tape, type Weight, type WeightSource } from '../engine/ops/tape.ts';
import { packSequences, uploadBatch } from '../engine/packing.ts';
import { Parameters } from '../engine/parameters.ts';
import { quantisedWords } from '../engine/quantised.ts';
import { sizeOf } from '../engine/tensors.ts';
import { TrainState } from '../engine/trainState.ts';
import { EnginePolicy } from '../policy/enginePolicy.ts';
import { memoryBook } from './memoryBook.ts';
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
/** Scratch of its threads, and the logit gradients that its head holds at once. */
const WASM_SCRATCH = 2 ** 24;
/** Rows of a step of generation at most (engine/generation.ts). */
const STEP_ROWS = 2048;

/**
 * Runs one step of generation and one packed batch over a backend that only keeps books.
 * @param prompt tokens of a prompt
 */
export function estimateMemory(
  like: Backend,
  config: DecoderConfig,
  plan: TrainingPlan,
  recipe: Recipe,
  prompt: number,
): MemoryEstimate {
  const backend = memoryBook(like);
  const held = (): number => backend.memory().bytes;
  const { decoder, weights } = bookedPolicy(backend, config, plan);
  const before = held();
  const state = new TrainState(decoder.parameters);
  const training = held() - before + (plan.adapter === undefined ? 0 : 4 * decoder.parameters.size);

  const { questions, groupSize } = recipe.grpo;
  const { maxTokens } = recipe.rollout;
  const capacity = Math.min(prompt + maxTokens, config.maxPositions);
  const slots = Math.min(questions * groupSize, EnginePolicy.slotsFor(config, capacity));
  const cache = cacheBytes(config, slots, capacity);
  const rows = Math.max(slots, Math.min(STEP_ROWS, questions * prompt));
  const writing = mostOf(config, like, plan, (book, policy) => {
    const kept = new KvCache(book, config, 1, 1);
    const tape = new Tape(book, 'infer');
    const list = (): Int32Array => new Int32Array(rows);
    const cached = { ids: tape.upload(list()), positions: tape.upload(list()), slots: tape.upload(list()) };
    policy.logits(tape, policy.forwardCached(tape, cached, kept), tape.upload(new Int32Array(slots)));
  });
  const tokens = Math.max(capacity, Math.min(recipe.backend.tokensPerBatch, slots * capacity));
  const learning = mostOf(config, like, plan, (book, policy) => {
    const tape = new Tape(book, 'record');
    const batch = uploadBatch(tape, packSequences([new Int32Array(tokens)]));
    const lossRows = tape.upload(new Int32Array(Math.max(1, Math.floor((tokens * maxTokens) / capacity))));
    const stream = policy.forward(tape, batch, true, lossRows);
    const { logprob } = policy.score(tape, stream, null, lossRows, 1);
    tape.backward([{ value: logprob, gradient: new Float32Array(logprob.size) }]);
  });
  state.dispose();
  return {
    weights,
    training,
    cache,
    writing,
    learning,
    total: weights + training + Math.max(cache + writing, learning),
  };
}

/** @throws EngineError in words where what is needed is more than the backend can hold */
export function checkMemory(backend: Backend, estimate: MemoryEstimate, model: string): void {
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
  like: Backend,
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
    return { decoder, weights: 2 * 4 * parameters.size + extra(book, config, 'f32') };
  }
  const frozen = new BookedWeights(book, config, kind);
  const { bytes } = book.memory();
  const factors = new Parameters(book, loraTensors(config, adapter));
  const source = new LoraWeights(frozen, factors, config, adapter);
  const panels = book.kind === 'wasm' ? 4 * factors.size : 0;
  return {
    decoder: new Decoder(config, factors, source, { checkpointing }),
    weights: bytes + panels + extra(book, config, kind),
  };
}

/** What a backend holds of its own beside weights of a kind. */
function extra({ kind: backend }: Backend, config: DecoderConfig, kind: WeightKind): number {
  if (backend !== 'wasm') return 0;
  const matrices = decoderTensors(config).filter(({ shape }) => shape.length === 2);
  const panels = matrices.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  return WASM_SCRATCH + (kind === 'f32' ? Math.min(MOST_PANELS, panels) : 0);
}

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
