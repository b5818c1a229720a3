/** The weights of one layer of the decoder, by the names that Hugging Face gives them. */
import type { DecoderConfig } from './config.ts';
import type { Weight, WeightSource } from './ops/tape.ts';

/** D hiddenSize, F intermediateSize, Hq heads, Hkv kvHeads, C headDim; null: the model has none. */
export interface Layer {
  readonly inputNorm: Weight; // [D]
  readonly q: Weight; // [Hq·C, D]
  readonly k: Weight; // [Hkv·C, D]
  readonly v: Weight; // [Hkv·C, D]
  readonly qBias: Weight | null; // [Hq·C]
  readonly kBias: Weight | null; // [Hkv·C]
  readonly vBias: Weight | null; // [Hkv·C]
  readonly qNorm: Weight | null; // [C]
  readonly kNorm: Weight | null; // [C]
  readonly o: Weight; // [D, Hq·C]
  readonly oBias: Weight | null; // [D]
  readonly mlpNorm: Weight; // [D]
  readonly gate: Weight; // [F, D]
  readonly up: Weight; // [F, D]
  readonly down: Weight; // [D, F]
}

export function layerOf(config: DecoderConfig, weights: WeightSource, index: number): Layer {
  const named = (name: string): Weight => weights.weight(`model.layers.${index}.${name}`);
  const maybe = (present: boolean, name: string): Weight | null => (present ? named(name) : null);
  return {
    inputNorm: named('input_layernorm.weight'),
    q: named('self_attn.q_proj.weight'),
    k: named('self_attn.k_proj.weight'),
    v: named('self_attn.v_proj.weight'),
    qBias: maybe(config.qkvBias, 'self_attn.q_proj.bias'),
    kBias: maybe(config.qkvBias, 'self_attn.k_proj.bias'),
    vBias: maybe(config.qkvBias, 'self_attn.v_proj.bias'),
    qNorm: maybe(config.qkNorm, 'self_attn.q_norm.weight'),
    kNorm: maybe(config.qkNorm, 'self_attn.k_norm.weight'),
    o: named('self_attn.o_proj.weight'),
    oBias: maybe(config.outputBias, 'self_attn.o_proj.bias'),
    mlpNorm: named('post_attention_layernorm.weight'),
    gate: named('mlp.gate_proj.weight'),
    up: named('mlp.up_proj.weight'),
    down: named('mlp.down_proj.weight'),
  };
}
