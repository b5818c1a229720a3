/** Which tensors a decoder has, and what they start as. */
import type { DecoderConfig } from './config.ts';
import type { TensorSpec } from './parameters.ts';
import { sizeOf } from './tensors.ts';

/**
 * The tensors of a decoder, named as on Hugging Face. Matrices start normal with deviation 0.02, those that write
 * into the residual stream smaller by 1/√(2·layers) (GPT-2), norms at 1, biases at 0.
 */
export function decoderTensors(config: DecoderConfig): TensorSpec[] {
  const { hiddenSize: D, intermediateSize: F, vocabSize: V, layers } = config;
  const queries = config.heads * config.headDim;
  const keys = config.kvHeads * config.headDim;
  const specs: TensorSpec[] = [];
  const matrix = (name: string, rows: number, cols: number, std = 0.02): void => {
    specs.push({ name, shape: [rows, cols], decay: true, init: { normal: std } });
  };
  const vector = (name: string, length: number, constant: number): void => {
    specs.push({ name, shape: [length], decay: false, init: { constant } });
  };
  const intoStream = 0.02 / Math.sqrt(2 * layers);

  matrix('model.embed_tokens.weight', V, D);
  for (let i = 0; i < layers; i++) {
    const at = `model.layers.${i}.`;
    matrix(`${at}self_attn.q_proj.weight`, queries, D);
    matrix(`${at}self_attn.k_proj.weight`, keys, D);
    matrix(`${at}self_attn.v_proj.weight`, keys, D);
    matrix(`${at}self_attn.o_proj.weight`, D, queries, intoStream);
    matrix(`${at}mlp.gate_proj.weight`, F, D);
    matrix(`${at}mlp.up_proj.weight`, F, D);
    matrix(`${at}mlp.down_proj.weight`, D, F, intoStream);
    vector(`${at}input_layernorm.weight`, D, 1);
    vector(`${at}post_attention_layernorm.weight`, D, 1);
    if (config.qkvBias) {
      vector(`${at}self_attn.q_proj.bias`, queries, 0);
      vector(`${at}self_attn.k_proj.bias`, keys, 0);
      vector(`${at}self_attn.v_proj.bias`, keys, 0);
    }
    if (config.outputBias) vector(`${at}self_attn.o_proj.bias`, D, 0);
    if (config.qkNorm) {
      vector(`${at}self_attn.q_norm.weight`, config.headDim, 1);
      vector(`${at}self_attn.k_norm.weight`, config.headDim, 1);
    }
  }
  vector('model.norm.weight', D, 1);
  if (!config.tieWordEmbeddings) matrix('lm_head.weight', V, D);
  return specs;
}

/** How many numbers a model of this configuration has. */
export const modelSize = (config: DecoderConfig): number =>
  decoderTensors(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** Tensors that published checkpoints carry beside the needed ones: the copy of a tied head, old rotary tables. */
export function isRedundantTensor(config: DecoderConfig, name: string): boolean {
  return (config.tieWordEmbeddings && name === 'lm_head.weight') || name.endsWith('.rotary_emb.inv_freq');
}
