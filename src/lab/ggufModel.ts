/** Our policy as a GGUF model of llama.cpp's `qwen3` architecture. */
import { EngineError } from '../engine/backend.ts';
import type { DecoderConfig } from '../engine/config.ts';
import { writeGguf, type GgufValue } from '../engine/gguf.ts';
import type { NamedTensors, Tensor } from '../engine/tensors.ts';
import { parseBpeModel, type TokenizerJson } from '../text/tokenizerJson.ts';
import { ggufName } from './ggufNames.ts';

/** llama.cpp's numbers of file types (`general.file_type`) and token types. */
const FILE_TYPE = { F32: 0, F16: 1 } as const;
const TOKEN = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

export interface GgufModel {
  readonly name: string;
  readonly config: DecoderConfig;
  readonly tensors: NamedTensors;
  readonly tokenizerJson: TokenizerJson;
  readonly eosId: number;
  readonly chatTemplate?: string;
}

/**
 * The whole model in one file.
 *
 * The tokenizer's words are cut as ours are (`tokenizer.ggml.pre` gpt-2 is the same expression), but llama.cpp knows
 * neither `add_prefix_space` nor `lstrip` of byte-level BPE. Its ids are ours where each stretch of text begins with
 * a space and has none at its end before an added token, as in all that the policy reads and writes.
 * @throws EngineError for another architecture, or words cut by another rule
 */
export function ggufModel(model: GgufModel, dtype: 'F32' | 'F16'): Uint8Array<ArrayBuffer> {
  const { config } = model;
  if (config.modelType !== 'qwen3' || config.qkvBias || config.outputBias) {
    throw new EngineError(
      `config.json: a GGUF file is written of qwen3 models without biases, this is ${config.modelType}. Export it as hf, and convert that with llama.cpp's convert_hf_to_gguf.py.`,
    );
  }
  const metadata = new Map([...modelMetadata(model, dtype), ...tokenizerMetadata(model)]);
  const tensors = new Map<string, Tensor>();
  for (const [name, tensor] of model.tensors) {
    const theirs = ggufName(name);
    if (theirs === undefined) throw new EngineError(`${name} has no place in a GGUF file of qwen3`);
    tensors.set(theirs, tensor);
  }
  return writeGguf(metadata, tensors, dtype);
}

function modelMetadata({ name, config }: GgufModel, dtype: 'F32' | 'F16'): [string, GgufValue][] {
  return [
    ['general.architecture', { string: 'qwen3' }],
    ['general.name', { string: name }],
    ['general.file_type', { uint32: FILE_TYPE[dtype] }],
    ['qwen3.vocab_size', { uint32: config.vocabSize }],
    ['qwen3.context_length', { uint32: config.maxPositions }],
    ['qwen3.embedding_length', { uint32: config.hiddenSize }],
    ['qwen3.feed_forward_length', { uint32: config.intermediateSize }],
    ['qwen3.block_count', { uint32: config.layers }],
    ['qwen3.attention.head_count', { uint32: config.heads }],
    ['qwen3.attention.head_count_kv', { uint32: config.kvHeads }],
    ['qwen3.attention.key_length', { uint32: config.headDim }],
    ['qwen3.attention.value_length', { uint32: config.headDim }],
    ['qwen3.attention.layer_norm_rms_epsilon', { float32: config.normEps }],
    ['qwen3.rope.freq_base', { float32: config.ropeTheta }],
  ];
}

function tokenizerMetadata({ config, tokenizerJson, eosId, chatTemplate }: GgufModel): [string, GgufValue][] {
  const cut = tokenizerJson.pre_tokenizer;
  if (cut?.type !== 'ByteLevel' || cut['use_regex'] === false || tokenizerJson.normalizer != null) {
    throw new EngineError(
      'tokenizer.json: pre_tokenizer: a GGUF file is written of tokenizers that cut words as GPT-2 does (ByteLevel with its expression, no normalizer). Export it as hf, and convert that with llama.cpp’s convert_hf_to_gguf.py.',
    );
  }
  const { vocab, merges } = parseBpeModel(tokenizerJson.model);
  const tokens = Array.from({ length: config.vocabSize }, (_, id) => `[PAD${id}]`);
  const types = tokens.map((): number => TOKEN.unused);
  for (const [token, id] of Object.entries(vocab)) {
    tokens[id] = token;
    types[id] = TOKEN.normal;
  }
  for (const { id, content } of tokenizerJson.added_tokens) {
    tokens[id] = content;
    // llama.cpp does not print control tokens, and the tags are what a person wants to read.
    types[id] = /^<\|.*\|>$/.test(content) ? TOKEN.control : TOKEN.userDefined;
  }
  return [
    ['tokenizer.ggml.model', { string: 'gpt2' }],
    ['tokenizer.ggml.pre', { string: 'gpt-2' }],
    ['tokenizer.ggml.tokens', { strings: tokens }],
    ['tokenizer.ggml.token_type', { int32s: types }],
    [
      'tokenizer.ggml.merges',
      { strings: merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' '))) },
    ],
    ['tokenizer.ggml.eos_token_id', { uint32: eosId }],
    ['tokenizer.ggml.padding_token_id', { uint32: eosId }],
    ['tokenizer.ggml.add_bos_token', { bool: false }],
    ['tokenizer.ggml.add_space_prefix', { bool: cut['add_prefix_space'] === true }],
    ...(chatTemplate === undefined
      ? []
      : [['tokenizer.chat_template', { string: chatTemplate }] satisfies [string, GgufValue]]),
  ];
}
