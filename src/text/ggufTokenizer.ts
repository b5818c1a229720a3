/** A Hugging Face tokenizer.json out of a GGUF file's `tokenizer.ggml.*` metadata. */
import { z } from 'zod';
import { parseTokenizerConfig, parseTokenizerJson } from './tokenizerJson.ts';
import type { TokenizerConfig, TokenizerJson } from './tokenizerJson.ts';

type Metadata = ReadonlyMap<string, unknown>;

/** llama.cpp's numbers of token types. */
export const TOKEN = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

interface PreTokenizer {
  readonly parts: readonly object[];
  readonly normalizer?: object;
  readonly ignoreMerges?: boolean;
}

const byteLevel = (use_regex: boolean): object => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex,
});
const split = (Regex: string): object => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Isolated',
  invert: false,
});
const words = (digits: string): string =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

/** How words are cut, by `tokenizer.ggml.pre` (llama.cpp, llama-vocab.cpp), as the models' own tokenizer.json say it. */
const PRE_TOKENIZERS: Readonly<Record<string, PreTokenizer>> = {
  'gpt-2': { parts: [byteLevel(true)] },
  smollm: { parts: [{ type: 'Digits', individual_digits: true }, byteLevel(true)] },
  'llama-bpe': { parts: [split(words('\\p{N}{1,3}')), byteLevel(false)], ignoreMerges: true },
  qwen2: { parts: [split(words('\\p{N}')), byteLevel(false)], normalizer: { type: 'NFC' } },
};

export interface GgufTokenizer {
  readonly json: TokenizerJson;
  readonly config: TokenizerConfig;
}

/**
 * @param file named in errors
 * @throws Error for tokenizers that are not byte-level BPE, or cut words by a rule not known here
 */
export function ggufTokenizer(metadata: Metadata, file: string): GgufTokenizer {
  const model = metadata.get('tokenizer.ggml.model');
  const pre = metadata.get('tokenizer.ggml.pre') ?? 'gpt-2';
  const rule = typeof pre === 'string' ? PRE_TOKENIZERS[pre] : undefined;
  if (model !== 'gpt2' || rule === undefined) {
    throw new Error(
      `${file}: a tokenizer of kind ${JSON.stringify(model)}, ${JSON.stringify(pre)} is not read out of GGUF here ` +
        `(gpt2 with ${Object.keys(PRE_TOKENIZERS).join(', ')} is). Put the model's tokenizer.json beside it.`,
    );
  }
  const tokens = list(metadata, 'tokenizer.ggml.tokens', file).map(String);
  const types = list(metadata, 'tokenizer.ggml.token_type', file).map(Number);
  const merges = list(metadata, 'tokenizer.ggml.merges', file).map(String);
  const added = tokens.flatMap((content, id) => {
    const type = types[id];
    if (type !== TOKEN.control && type !== TOKEN.userDefined) return [];
    return [{ id, content, special: type === TOKEN.control, normalized: false, lstrip: false }];
  });
  const vocab = Object.fromEntries(
    tokens.flatMap((token, id): [string, number][] => (types[id] === TOKEN.unused ? [] : [[token, id]])),
  );
  const prefixed = metadata.get('tokenizer.ggml.add_space_prefix') === true;
  const parts = prefixed ? rule.parts.map((part) => ({ ...part, add_prefix_space: true })) : rule.parts;
  const named = (key: string): string | undefined => {
    const id = metadata.get(`tokenizer.ggml.${key}_token_id`);
    return typeof id === 'number' ? tokens[id] : undefined;
  };
  return {
    json: parseTokenizerJson({
      version: '1.0',
      added_tokens: added,
      normalizer: rule.normalizer ?? null,
      pre_tokenizer: parts.length === 1 ? parts[0] : { type: 'Sequence', pretokenizers: parts },
      post_processor: null,
      decoder: byteLevel(true),
      model: { type: 'BPE', ignore_merges: rule.ignoreMerges ?? false, vocab, merges },
    }),
    config: parseTokenizerConfig({
      eos_token: named('eos'),
      bos_token: named('bos'),
      chat_template: metadata.get('tokenizer.chat_template'),
    }),
  };
}

/**
 * llama.cpp's name (`tokenizer.ggml.pre`) of the rule by which a tokenizer.json cuts words; undefined where it has none.
 * `add_prefix_space` does not count, which GGUF states by itself.
 */
export function ggufPreTokenizer(json: TokenizerJson): string | undefined {
  const wanted = ruleKey(partsOf(json.pre_tokenizer), json.normalizer, ignoresMerges(json));
  return Object.entries(PRE_TOKENIZERS).find(
    ([, { parts, normalizer, ignoreMerges = false }]) => ruleKey(parts, normalizer, ignoreMerges) === wanted,
  )?.[0];
}

const preSequence = z.looseObject({ type: z.literal('Sequence'), pretokenizers: z.array(z.looseObject({})) });

function partsOf(cut: unknown): readonly object[] {
  const sequence = preSequence.safeParse(cut);
  if (sequence.success) return sequence.data.pretokenizers;
  return typeof cut === 'object' && cut !== null ? [cut] : [];
}

const ignoresMerges = ({ model }: TokenizerJson): boolean => model['ignore_merges'] === true;

/** What a rule cuts by, and nothing of how it is written. */
function ruleKey(parts: readonly object[], normalizer: unknown, ignoreMerges: boolean): string {
  const cuts = parts.map((part) => {
    const { type, pattern, behavior, invert, individual_digits, use_regex } = part as Record<string, unknown>;
    // Left out, the library cuts by GPT-2's expression.
    const regex = type === 'ByteLevel' ? (use_regex ?? true) : undefined;
    return { type, pattern, behavior, invert, individual_digits, regex };
  });
  return JSON.stringify([cuts, normalizer ?? null, ignoreMerges]);
}

function list(metadata: Metadata, key: string, file: string): readonly unknown[] {
  const value = metadata.get(key);
  if (Array.isArray(value)) return value;
  throw new Error(`${file}: ${key} is missing. Put the model's tokenizer.json beside it.`);
}
