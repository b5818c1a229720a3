/** A decoder of the engine's families as a GGUF model of llama.cpp's architectures llama, qwen2 and qwen3. */
import { EngineError } from '../engine/backend.ts';
import type { DecoderConfig } from '../engine/config.ts';
import { ggmlType } from '../engine/ggmlBlocks.ts';
import { ggufPieces, PLAIN_TYPE, storedAs, type GgufValue, type StoredTensor } from '../engine/gguf.ts';
import type { Pieces } from '../engine/pieces.ts';
import { ropeFrequencies } from '../engine/ropeScaling.ts';
import { sizeOf, tensorOf, type NamedTensors, type Tensor } from '../engine/tensors.ts';
import { ggufTokenizerMetadata, type TokenizerParts } from './ggufTokenizerMetadata.ts';
import { ggufName } from './ggufNames.ts';
import { isStored, plainTypeOf, type Numbers } from './numbersKept.ts';
import { inPairs } from './rotaryRows.ts';

/** llama.cpp's numbers of kinds of files (`general.file_type`), by ggml's number of the type that most weights have. */
const FILE_TYPES: ReadonlyMap<number, number> = new Map([
  [0, 0], // F32
  [1, 1], // F16
  [30, 32], // BF16
  [2, 2], // Q4_0
  [3, 3], // Q4_1
  [8, 7], // Q8_0
  [12, 15], // Q4_K, medium
  [14, 18], // Q6_K
]);
/** ggml's layout of quantised blocks (`general.quantization_version`). */
const QUANTISATION_VERSION = 2;

export interface GgufModel {
  readonly name: string;
  readonly config: DecoderConfig;
  /** All of the decoder's tensors, by Hugging Face's names. */
  readonly tensors: NamedTensors;
  readonly tokenizer: TokenizerParts;
}

/**
 * The whole model in one file. Vectors are F32, for llama.cpp multiplies norm weights in F32 only; kept numbers stay as
 * they lie in a GGUF file, in its blocks.
 *
 * The tokenizer's words are cut as ours are, but llama.cpp knows neither `add_prefix_space` nor `lstrip` of byte-level
 * BPE. Its ids of a policy trained here are ours where each stretch of text begins with a space and has none at its end
 * before an added token, as in all that the policy reads and writes.
 * @throws EngineError for words cut by another rule than llama.cpp's, and for biases that its architecture has not
 */
export function ggufModel(model: GgufModel, numbers: Numbers): Pieces {
  const { config } = model;
  if (
    config.modelType !== 'llama' &&
    (config.outputBias || config.qkvBias !== (config.modelType === 'qwen2'))
  ) {
    throw new EngineError(
      `config.json: attention_bias: llama.cpp's ${config.modelType} has no such biases. Export it as hf.`,
    );
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of model.tensors) {
    const theirs = ggufName(name);
    if (theirs === undefined) throw new EngineError(`${name} has no place in a GGUF file`);
    tensors.set(theirs, inPairs(name, stored(tensor, numbers, name), config));
  }
  const stretched = ropeFactors(config);
  if (stretched !== undefined) {
    const name = 'rope_freqs.weight';
    tensors.set(name, storedAs(tensorOf([stretched.length], stretched), 'F32', name));
  }
  const metadata = new Map([
    ...modelMetadata(model, [...tensors.values()]),
    ...ggufTokenizerMetadata(model.tokenizer, config.vocabSize),
  ]);
  return ggufPieces(metadata, tensors);
}

function stored(tensor: Tensor, numbers: Numbers, name: string): StoredTensor {
  if (numbers === 'keep' && isStored(tensor)) return tensor;
  if (tensor.shape.length < 2) return storedAs(tensor, 'F32', name);
  return storedAs(tensor, plainTypeOf(tensor, numbers), name);
}

/** What Llama 3's rule divides each frequency by, one a pair of channels; undefined where they are plain. */
function ropeFactors({ headDim, ropeTheta, ropeScaling }: DecoderConfig): Float32Array | undefined {
  if (ropeScaling === undefined) return undefined;
  const plain = ropeFrequencies(headDim, ropeTheta);
  const scaled = ropeFrequencies(headDim, ropeTheta, ropeScaling);
  return Float32Array.from(plain, (frequency, i) => frequency / (scaled[i] ?? frequency));
}

function modelMetadata({ name, config }: GgufModel, tensors: readonly StoredTensor[]): [string, GgufValue][] {
  const architecture = config.modelType;
  const type = mostOf(tensors);
  const plain = Object.values(PLAIN_TYPE).includes(type);
  const of = (key: string, value: GgufValue): [string, GgufValue] => [`${architecture}.${key}`, value];
  return [
    ['general.architecture', { string: architecture }],
    ['general.name', { string: name }],
    ['general.file_type', { uint32: FILE_TYPES.get(type) ?? 0 }],
    ...(plain
      ? []
      : [['general.quantization_version', { uint32: QUANTISATION_VERSION }] satisfies [string, GgufValue]]),
    of('vocab_size', { uint32: config.vocabSize }),
    of('context_length', { uint32: config.maxPositions }),
    of('embedding_length', { uint32: config.hiddenSize }),
    of('feed_forward_length', { uint32: config.intermediateSize }),
    of('block_count', { uint32: config.layers }),
    of('attention.head_count', { uint32: config.heads }),
    of('attention.head_count_kv', { uint32: config.kvHeads }),
    of('attention.key_length', { uint32: config.headDim }),
    of('attention.value_length', { uint32: config.headDim }),
    of('attention.layer_norm_rms_epsilon', { float32: config.normEps }),
    of('rope.freq_base', { float32: config.ropeTheta }),
    of('rope.dimension_count', { uint32: config.headDim }),
  ];
}

/** ggml's number of the type that most weights have. */
function mostOf(tensors: readonly StoredTensor[]): number {
  const weights = new Map<number, number>();
  for (const { type, shape } of tensors) {
    if (ggmlType(type) !== undefined) weights.set(type, (weights.get(type) ?? 0) + sizeOf(shape));
  }
  return [...weights].reduce((most, one) => (one[1] > most[1] ? one : most), [0, 0])[0];
}
