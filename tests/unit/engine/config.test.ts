import { describe, expect, it } from 'vitest';
import { decoderConfigJson, parseDecoderConfig } from '../../../src/engine/config.ts';

/** The fields of SmolLM2-135M's config.json that matter here, and some that do not. */
const smolLm2 = {
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  bos_token_id: 1,
  hidden_act: 'silu',
  hidden_size: 576,
  intermediate_size: 1536,
  is_llama_config: true,
  max_position_embeddings: 8192,
  model_type: 'llama',
  num_attention_heads: 9,
  num_hidden_layers: 30,
  num_key_value_heads: 3,
  rms_norm_eps: 1e-5,
  rope_interleaved: false,
  rope_scaling: null,
  rope_theta: 100000,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  vocab_size: 49152,
};

const llama3 = {
  rope_type: 'llama3',
  factor: 32,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
};

describe('config.json', () => {
  it('reads Llama', () => {
    expect(parseDecoderConfig(smolLm2, 'config.json')).toEqual({
      modelType: 'llama',
      vocabSize: 49152,
      hiddenSize: 576,
      intermediateSize: 1536,
      layers: 30,
      heads: 9,
      kvHeads: 3,
      headDim: 64,
      normEps: 1e-5,
      ropeTheta: 100000,
      tieWordEmbeddings: true,
      qkvBias: false,
      outputBias: false,
      qkNorm: false,
      maxPositions: 8192,
    });
  });

  it('knows what each family adds', () => {
    const qwen2 = parseDecoderConfig({ ...smolLm2, model_type: 'qwen2', use_sliding_window: false }, 'c');
    expect([qwen2.qkvBias, qwen2.outputBias, qwen2.qkNorm]).toEqual([true, false, false]);
    const { rope_theta, ...rest } = smolLm2;
    const qwen3 = parseDecoderConfig(
      {
        ...rest,
        model_type: 'qwen3',
        head_dim: 128,
        rope_parameters: { rope_type: 'default', rope_theta: 1e6 },
      },
      'c',
    );
    expect([qwen3.qkvBias, qwen3.qkNorm, qwen3.headDim, qwen3.ropeTheta]).toEqual([false, true, 128, 1e6]);
    const biased = parseDecoderConfig({ ...smolLm2, attention_bias: true }, 'c');
    expect([biased.qkvBias, biased.outputBias]).toEqual([true, true]);
    const { num_key_value_heads, ...noGroups } = smolLm2;
    expect(parseDecoderConfig(noGroups, 'c').kvHeads).toBe(9);
  });

  it('reads and writes the rotary positions of Llama 3', () => {
    const scaling = { factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalPositions: 8192 };
    for (const field of ['rope_scaling', 'rope_parameters']) {
      const config = parseDecoderConfig({ ...smolLm2, [field]: llama3 }, 'c');
      expect(config.ropeScaling).toEqual(scaling);
      expect(parseDecoderConfig(decoderConfigJson(config), 'c')).toEqual(config);
    }
  });

  it.each(['llama', 'qwen2', 'qwen3'])('writes what it reads, for %s', (model_type) => {
    const config = parseDecoderConfig({ ...smolLm2, model_type }, 'c');
    const json = decoderConfigJson(config, { eos_token_id: 2 });
    expect(json['eos_token_id']).toBe(2);
    expect(parseDecoderConfig(JSON.parse(JSON.stringify(json)), 'c')).toEqual(config);
  });

  it.each([
    [{ model_type: 'gpt2' }, 'field "model_type"'],
    [{ hidden_size: 'wide' }, 'field "hidden_size"'],
    [{ num_hidden_layers: 0 }, 'field "num_hidden_layers"'],
    [{ num_key_value_heads: 4 }, 'field "num_key_value_heads": 4 does not divide 9'],
    [{ hidden_size: 100 }, 'field "head_dim"'],
    [{ head_dim: 7 }, 'a head of 7 channels'],
    [
      { rope_scaling: { rope_type: 'llama3', factor: 32 } },
      'field "rope_scaling.low_freq_factor": is missing',
    ],
    [{ rope_scaling: { ...llama3, low_freq_factor: 4 } }, 'field "rope_scaling.high_freq_factor"'],
    [{ rope_scaling: { type: 'dynamic', factor: 2 } }, 'type "dynamic"'],
    [{ rope_parameters: { rope_type: 'yarn' } }, 'field "rope_parameters"'],
    [{ partial_rotary_factor: 0.5 }, 'only part of each head'],
    [{ hidden_act: 'gelu' }, 'field "hidden_act"'],
    [{ mlp_bias: true }, 'field "mlp_bias"'],
    [{ use_sliding_window: true }, 'field "use_sliding_window"'],
    [{ layer_types: ['full_attention', 'sliding_attention'] }, 'field "layer_types"'],
  ])('refuses %j with file, field and mend', (change, message) => {
    const read = (): unknown => parseDecoderConfig({ ...smolLm2, ...change }, 'models/x/config.json');
    expect(read).toThrow(message);
    expect(read).toThrow(/^models\/x\/config\.json.*(Use|Give|Make) /);
  });

  it('refuses what is not an object', () => {
    expect(() => parseDecoderConfig('hello', 'config.json')).toThrow('config.json is not a configuration');
  });
});
