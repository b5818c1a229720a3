/** The shape of a decoder, read from and written as a Hugging Face `config.json`. */
import { z } from 'zod';
import { EngineError } from './backend.ts';
import type { RopeScaling } from './ropeScaling.ts';

export type ModelType = 'llama' | 'qwen2' | 'qwen3';

export interface DecoderConfig {
  readonly modelType: ModelType;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Key/value heads; divides `heads`. */
  readonly kvHeads: number;
  /** Channels of one head; even. */
  readonly headDim: number;
  readonly normEps: number;
  readonly ropeTheta: number;
  /** Llama 3's stretching of the slow rotary frequencies; absent: none. */
  readonly ropeScaling?: RopeScaling;
  /** The head is the embedding table. */
  readonly tieWordEmbeddings: boolean;
  /** Biases on the query, key and value projections. */
  readonly qkvBias: boolean;
  /** Bias on attention's output projection. */
  readonly outputBias: boolean;
  /** RMSNorm of every query and key head (Qwen3). */
  readonly qkNorm: boolean;
  readonly maxPositions: number;
}

const count = z.number().int().positive();
const ropeParameters = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().positive().optional(),
  partial_rotary_factor: z.number().optional(),
  factor: z.number().positive().optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: count.optional(),
});

const schema = z.looseObject({
  model_type: z.enum(['llama', 'qwen2', 'qwen3']),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  hidden_act: z.string().default('silu'),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().optional(),
  rope_scaling: ropeParameters.nullish(),
  rope_parameters: ropeParameters.nullish(),
  partial_rotary_factor: z.number().optional(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  use_sliding_window: z.boolean().default(false),
  layer_types: z.array(z.string()).nullish(),
  quantization_config: z.looseObject({ quant_method: z.string().optional() }).nullish(),
  max_position_embeddings: count.default(2048),
});

/**
 * Reads a Hugging Face config.json (parsed) of the Llama, Qwen2 or Qwen3 family.
 * @param file named in errors
 * @throws EngineError naming file, field and mend
 */
export function parseDecoderConfig(json: unknown, file: string): DecoderConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `field "${path.join('.')}": ${message}`);
    throw new EngineError(
      `${file} is not a configuration this engine can run: ${problems.join('; ')}. ` +
        'Give the config.json of a Llama, Qwen2 or Qwen3 model, unchanged.',
    );
  }
  const raw = parsed.data;
  const refuse = (field: string, problem: string, mend: string): never => {
    throw new EngineError(`${file}: field "${field}": ${problem}. ${mend}`);
  };

  let ropeScaling: RopeScaling | undefined;
  for (const field of ['rope_scaling', 'rope_parameters'] as const) {
    const rope = raw[field];
    const type = rope?.rope_type ?? rope?.type ?? 'default';
    if (rope == null || type === 'default') continue;
    if (type !== 'llama3') {
      refuse(
        field,
        `rotary positions of type "${type}" are stretched by a rule this engine does not know`,
        'Use a model with plain rotary positions or those of Llama 3 (type "default" or "llama3", or no such field).',
      );
    }
    const part = (name: string): number => {
      const value = rope[name];
      if (typeof value === 'number') return value;
      return refuse(`${field}.${name}`, 'is missing, and type "llama3" needs it', 'Give the published file.');
    };
    ropeScaling = {
      factor: part('factor'),
      lowFreqFactor: part('low_freq_factor'),
      highFreqFactor: part('high_freq_factor'),
      originalPositions: part('original_max_position_embeddings'),
    };
    if (ropeScaling.highFreqFactor <= ropeScaling.lowFreqFactor) {
      refuse(`${field}.high_freq_factor`, 'is not above low_freq_factor', 'Give the published file.');
    }
  }
  if ((raw.rope_parameters?.partial_rotary_factor ?? raw.partial_rotary_factor ?? 1) !== 1) {
    refuse(
      'partial_rotary_factor',
      'only part of each head is rotated',
      'Use a model that rotates whole heads (1).',
    );
  }
  if (raw.hidden_act !== 'silu') {
    refuse('hidden_act', `"${raw.hidden_act}" is not the SwiGLU of this family`, 'Use a model with "silu".');
  }
  if (raw.quantization_config != null) {
    refuse(
      'quantization_config',
      `the weights are quantised by ${raw.quantization_config.quant_method ?? 'a method of their own'}, which is not read here`,
      'Use the model as it was before, in F32, F16 or BF16, or as a GGUF file.',
    );
  }
  if (raw.mlp_bias) refuse('mlp_bias', 'the MLP has biases', 'Use a model with mlp_bias false.');
  if (raw.use_sliding_window) {
    refuse('use_sliding_window', 'attention slides over a window', 'Use a model with full attention.');
  }
  const otherLayer = raw.layer_types?.find((type) => type !== 'full_attention');
  if (otherLayer !== undefined) {
    refuse(
      'layer_types',
      `"${otherLayer}" layers are unknown here`,
      'Use a model with full attention in every layer.',
    );
  }

  const heads = raw.num_attention_heads;
  const kvHeads = raw.num_key_value_heads ?? heads;
  if (heads % kvHeads !== 0) {
    refuse('num_key_value_heads', `${kvHeads} does not divide ${heads} heads`, 'Make it a divisor.');
  }
  const headDim = raw.head_dim ?? raw.hidden_size / heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    refuse(
      'head_dim',
      `a head of ${headDim} channels cannot be rotated in pairs`,
      'Give an even head_dim, or a hidden_size that divides evenly among the heads.',
    );
  }
  return {
    modelType: raw.model_type,
    vocabSize: raw.vocab_size,
    hiddenSize: raw.hidden_size,
    intermediateSize: raw.intermediate_size,
    layers: raw.num_hidden_layers,
    heads,
    kvHeads,
    headDim,
    normEps: raw.rms_norm_eps,
    ropeTheta: raw.rope_parameters?.rope_theta ?? raw.rope_theta ?? 10000,
    ...(ropeScaling === undefined ? {} : { ropeScaling }),
    tieWordEmbeddings: raw.tie_word_embeddings,
    qkvBias: raw.model_type === 'qwen2' || raw.attention_bias,
    outputBias: raw.model_type !== 'qwen2' && raw.attention_bias,
    qkNorm: raw.model_type === 'qwen3',
    maxPositions: raw.max_position_embeddings,
  };
}

const architectures: Record<ModelType, string> = {
  llama: 'LlamaForCausalLM',
  qwen2: 'Qwen2ForCausalLM',
  qwen3: 'Qwen3ForCausalLM',
};

/**
 * The config.json that `parseDecoderConfig` and Hugging Face read back.
 * @param extra further fields, such as bos_token_id and eos_token_id
 */
export function decoderConfigJson(
  config: DecoderConfig,
  extra: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    architectures: [architectures[config.modelType]],
    model_type: config.modelType,
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headDim,
    hidden_act: 'silu',
    rms_norm_eps: config.normEps,
    rope_theta: config.ropeTheta,
    ...(config.ropeScaling === undefined ? {} : { rope_scaling: ropeScalingJson(config.ropeScaling) }),
    tie_word_embeddings: config.tieWordEmbeddings,
    ...(config.modelType === 'qwen2' ? {} : { attention_bias: config.outputBias }),
    max_position_embeddings: config.maxPositions,
    ...extra,
  };
}

function ropeScalingJson(scaling: RopeScaling): Record<string, unknown> {
  return {
    rope_type: 'llama3',
    factor: scaling.factor,
    low_freq_factor: scaling.lowFreqFactor,
    high_freq_factor: scaling.highFreqFactor,
    original_max_position_embeddings: scaling.originalPositions,
  };
}
