/** Names of tensors: Hugging Face's, which the engine uses, and llama.cpp's, which GGUF files use. */

const OUTSIDE: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
};

const IN_LAYER: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'self_attn.o_proj': 'attn_output',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

/** llama.cpp's name of a tensor named as on Hugging Face; undefined where it has none. */
export function ggufName(name: string): string | undefined {
  const [, stem = '', kind = ''] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
  const [, layer = '', part = ''] = /^model\.layers\.(\d+)\.(.+)$/.exec(stem) ?? [];
  const known = OUTSIDE[stem] ?? (IN_LAYER[part] && `blk.${layer}.${IN_LAYER[part]}`);
  return known && `${known}.${kind}`;
}
