/**
 * One training step as every contender does it, from the same weights on the same tokens: mean −logprob of each next
 * token, gradient by all weights, clipping to a global norm, AdamW (decay of the matrices only).
 */
import type { DecoderConfig } from '../../src/engine/config.ts';
import { decoderTensors } from '../../src/engine/decoderTensors.ts';
import { counterUniform } from '../../src/engine/random.ts';
import { sizeOf } from '../../src/engine/tensors.ts';
import type { UpdateOptions } from '../../src/engine/trainState.ts';

export interface TrainShape {
  readonly config: DecoderConfig;
  /** Equally long, so that nobody pads. */
  readonly sequences: number;
  /** Tokens of one sequence. */
  readonly length: number;
}

export interface HostTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly decay: boolean;
}

export interface TrainTask extends TrainShape {
  /** [sequences · length] */
  readonly ids: Int32Array;
  /** Named as on Hugging Face. */
  readonly weights: readonly HostTensor[];
}

export interface Trainer {
  /** One step, to its end. Returns the loss before the update. */
  step(): Promise<number>;
  dispose(): void;
}

/** A large learning rate: the losses of a few steps then tell a wrong gradient or optimiser. */
export const optimiser: UpdateOptions = {
  learningRate: 3e-3,
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  weightDecay: 0.1,
  maxGradNorm: 1,
};

const seed = 1;

/**
 * A pure function of the shape. Matrices have deviation 1/√columns and norms lie around 1, so that logits are of
 * order one and a difference anywhere in the model shows in the loss.
 */
export function trainTask(shape: TrainShape): TrainTask {
  const { config, sequences, length } = shape;
  const weights = decoderTensors(config).map((spec, stream): HostTensor => {
    const values = new Float32Array(sizeOf(spec.shape));
    const [middle, spread] = spec.decay ? [0, Math.sqrt(3 / (spec.shape[1] ?? 1))] : [1, 0.3];
    for (let i = 0; i < values.length; i++)
      values[i] = middle + spread * (2 * counterUniform(seed, stream, i) - 1);
    return { name: spec.name, shape: spec.shape, values, decay: spec.decay };
  });
  const ids = Int32Array.from({ length: sequences * length }, (_, i) =>
    Math.floor(counterUniform(seed, -1, i) * config.vocabSize),
  );
  return { ...shape, ids, weights };
}

export function parameterCount({ config }: TrainShape): number {
  return decoderTensors(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * Floating-point operations of one step's matrix products: 2 a weight and token forward, 4 backward; the head on the
 * tokens that have a next one; attention's two products over the causal half forward, four backward.
 */
export function trainFlops({ config, sequences, length }: TrainShape): number {
  const tokens = sequences * length;
  const matrices = decoderTensors(config).filter(({ decay }) => decay);
  const head = config.vocabSize * config.hiddenSize;
  const inLayers = matrices
    .filter(({ name }) => name.startsWith('model.layers.'))
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const pairs = (sequences * length * (length + 1)) / 2;
  const attention = 2 * 2 * config.layers * config.heads * config.headDim * pairs;
  return 3 * (2 * tokens * inLayers + 2 * sequences * (length - 1) * head + attention);
}

/** cos and sin of RoPE's angles, [length, headDim/2] each, in float64 rounded once. */
export function ropeTables(length: number, headDim: number, theta: number) {
  const half = headDim / 2;
  const cos = new Float32Array(length * half);
  const sin = new Float32Array(length * half);
  for (let t = 0; t < length; t++) {
    for (let i = 0; i < half; i++) {
      const angle = t * theta ** ((-2 * i) / headDim);
      cos[t * half + i] = Math.cos(angle);
      sin[t * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}

/** [sequences · (length − 1)]: the token after each one that has a next. */
export function nextTokens({ ids, length }: TrainTask): Int32Array {
  return ids.filter((_, i) => i % length !== 0);
}
