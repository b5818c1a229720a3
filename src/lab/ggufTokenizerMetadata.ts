/** A tokenizer.json as a GGUF file's `tokenizer.ggml.*` metadata. */
import { EngineError } from '../engine/backend.ts';
import type { GgufValue } from '../engine/gguf.ts';
import { NANO_TOKENS } from '../text/chatTemplate.ts';
import { ggufPreTokenizer, TOKEN } from '../text/ggufTokenizer.ts';
import { parseBpeModel, type AddedTokenJson, type TokenizerJson } from '../text/tokenizerJson.ts';

export interface TokenizerParts {
  readonly json: TokenizerJson;
  readonly eosId: number;
  readonly bosId?: number;
  readonly chatTemplate?: string;
}

/**
 * @param vocabulary rows of the embedding table, which may be more than there are tokens
 * @throws EngineError where llama.cpp has no name for how words are cut
 */
export function ggufTokenizerMetadata(
  { json, eosId, bosId, chatTemplate }: TokenizerParts,
  vocabulary: number,
): [string, GgufValue][] {
  const pre = ggufPreTokenizer(json);
  if (pre === undefined) {
    throw new EngineError(
      'tokenizer.json: pre_tokenizer: a GGUF file is written of tokenizers that cut words as GPT-2, SmolLM, Llama 3 or Qwen2 do. Export it as hf, and convert that with llama.cpp’s convert_hf_to_gguf.py.',
    );
  }
  const { vocab, merges } = parseBpeModel(json.model);
  const tokens = Array.from({ length: vocabulary }, (_, id) => `[PAD${id}]`);
  const types = tokens.map((): number => TOKEN.unused);
  for (const [token, id] of Object.entries(vocab)) {
    tokens[id] = token;
    types[id] = TOKEN.normal;
  }
  for (const token of json.added_tokens) {
    tokens[token.id] = token.content;
    types[token.id] = isControl(token) ? TOKEN.control : TOKEN.userDefined;
  }
  const prefixed = json.pre_tokenizer?.['add_prefix_space'] === true;
  return [
    ['tokenizer.ggml.model', { string: 'gpt2' }],
    ['tokenizer.ggml.pre', { string: pre }],
    ['tokenizer.ggml.tokens', { strings: tokens }],
    ['tokenizer.ggml.token_type', { int32s: types }],
    [
      'tokenizer.ggml.merges',
      { strings: merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' '))) },
    ],
    ...(bosId === undefined ? [] : [entry('tokenizer.ggml.bos_token_id', { uint32: bosId })]),
    ['tokenizer.ggml.eos_token_id', { uint32: eosId }],
    ['tokenizer.ggml.padding_token_id', { uint32: eosId }],
    // Text is encoded here without it: a chat template writes its own.
    ['tokenizer.ggml.add_bos_token', { bool: false }],
    ['tokenizer.ggml.add_space_prefix', { bool: prefixed }],
    ...(chatTemplate === undefined ? [] : [entry('tokenizer.chat_template', { string: chatTemplate })]),
  ];
}

const entry = (key: string, value: GgufValue): [string, GgufValue] => [key, value];

/** llama.cpp does not print control tokens, and our policies' tags are what a person wants to read. */
function isControl({ special, content }: AddedTokenJson): boolean {
  const ours = NANO_TOKENS.some((token) => token === content);
  return special && (!ours || /^<\|.*\|>$/.test(content));
}
