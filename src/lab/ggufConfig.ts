/** The shape of a decoder out of a GGUF file's metadata (llama.cpp's keys). */
import { EngineError } from '../engine/backend.ts';
import { parseDecoderConfig, type DecoderConfig } from '../engine/config.ts';
import type { GgufFile } from '../engine/ggufFile.ts';
import { ropeFrequencies, type RopeScaling } from '../engine/ropeScaling.ts';

const ARCHITECTURES = ['llama', 'qwen2', 'qwen3'];

/**
 * Reads what a config.json would say. Heads are tied where the file has no output matrix, biases and q/k-norms are
 * there where their tensors are.
 * @throws EngineError naming file, key and mend
 */
export function ggufConfig({ metadata, tensors }: GgufFile, file: string): DecoderConfig {
  const architecture = metadata.get('general.architecture');
  if (typeof architecture !== 'string' || !ARCHITECTURES.includes(architecture)) {
    throw new EngineError(
      `${file}: general.architecture is ${JSON.stringify(architecture)}, which this engine does not run. ` +
        `Choose a model of ${ARCHITECTURES.join(', ')}.`,
    );
  }
  const find = (key: string): number | undefined => {
    const value = metadata.get(`${architecture}.${key}`);
    return typeof value === 'number' ? value : undefined;
  };
  const need = (key: string): number => {
    const value = find(key);
    if (value !== undefined) return value;
    throw new EngineError(`${file}: ${architecture}.${key} is missing. Convert the model to GGUF anew.`);
  };
  const hidden = need('embedding_length');
  const heads = need('attention.head_count');
  const headDim = find('attention.key_length') ?? hidden / heads;
  const theta = find('rope.freq_base') ?? 10000;
  const rotated = find('rope.dimension_count') ?? headDim;
  const stretched = metadata.get(`${architecture}.rope.scaling.type`);
  if (rotated !== headDim || (stretched !== undefined && stretched !== 'none')) {
    throw new EngineError(
      `${file}: rotary positions turn ${rotated} of ${headDim} channels, scaled by ${JSON.stringify(stretched ?? 'none')}: not known here. ` +
        'Choose a model that rotates whole heads, plainly or by the rule of Llama 3.',
    );
  }
  const factors = tensors.get('rope_freqs.weight')?.values();
  const ropeScaling = factors === undefined ? undefined : llama3Scaling(factors, headDim, theta, file);
  const config = parseDecoderConfig(
    {
      model_type: architecture,
      vocab_size: tensors.get('token_embd.weight')?.shape[0] ?? need('vocab_size'),
      hidden_size: hidden,
      intermediate_size: need('feed_forward_length'),
      num_hidden_layers: need('block_count'),
      num_attention_heads: heads,
      num_key_value_heads: find('attention.head_count_kv') ?? heads,
      head_dim: headDim,
      rms_norm_eps: need('attention.layer_norm_rms_epsilon'),
      rope_theta: theta,
      tie_word_embeddings: !tensors.has('output.weight'),
      max_position_embeddings: need('context_length'),
    },
    file,
  );
  return {
    ...config,
    ...(ropeScaling === undefined ? {} : { ropeScaling }),
    qkvBias: tensors.has('blk.0.attn_q.bias'),
    outputBias: tensors.has('blk.0.attn_output.bias'),
    qkNorm: tensors.has('blk.0.attn_q_norm.weight'),
  };
}

/**
 * The file states what divides each frequency, not the rule. All published models of the rule share its other
 * numbers, so the largest divisor gives the rule, and the others check it.
 */
function llama3Scaling(factors: Float32Array, C: number, theta: number, file: string): RopeScaling {
  const scaling = {
    factor: factors.reduce((most, factor) => Math.max(most, factor), 1),
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalPositions: 8192,
  };
  const plain = ropeFrequencies(C, theta);
  const scaled = ropeFrequencies(C, theta, scaling);
  const fits = factors.every((factor, i) => {
    const expected = (plain[i] ?? NaN) / (scaled[i] ?? NaN);
    return Math.abs(factor / expected - 1) < 1e-3;
  });
  if (fits && factors.length === C / 2) return scaling;
  throw new EngineError(
    `${file}: rope_freqs.weight stretches rotary positions otherwise than Llama 3 does. Choose the model as a Hugging Face folder.`,
  );
}
