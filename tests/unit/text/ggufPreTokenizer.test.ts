import { describe, expect, it } from 'vitest';
import { ggufPreTokenizer, ggufTokenizer } from '../../../src/text/ggufTokenizer.ts';
import { parseTokenizerJson } from '../../../src/text/tokenizerJson.ts';

const metadataOf = (pre: string) =>
  new Map<string, unknown>([
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', pre],
    ['tokenizer.ggml.tokens', ['a']],
    ['tokenizer.ggml.token_type', [1]],
    ['tokenizer.ggml.merges', []],
  ]);
const model = { type: 'BPE', vocab: { a: 0 }, merges: [] };

describe('the rule by which words are cut', () => {
  it.each(['gpt-2', 'smollm', 'llama-bpe', 'qwen2'])('%s is found again in what was made of it', (pre) => {
    expect(ggufPreTokenizer(ggufTokenizer(metadataOf(pre), 'x').json)).toBe(pre);
  });

  it('is found in a published tokenizer.json (SmolLM2), which writes more fields', () => {
    const json = parseTokenizerJson({
      normalizer: null,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Digits', individual_digits: true },
          { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
        ],
      },
      model: { ...model, dropout: null, byte_fallback: false, ignore_merges: false },
    });
    expect(ggufPreTokenizer(json)).toBe('smollm');
  });

  it('is none where anything else cuts', () => {
    const spaces = parseTokenizerJson({ pre_tokenizer: { type: 'WhitespaceSplit' }, model });
    const normalised = parseTokenizerJson({
      pre_tokenizer: { type: 'ByteLevel', use_regex: true },
      normalizer: { type: 'NFC' },
      model,
    });
    expect([ggufPreTokenizer(spaces), ggufPreTokenizer(normalised)]).toEqual([undefined, undefined]);
  });
});
