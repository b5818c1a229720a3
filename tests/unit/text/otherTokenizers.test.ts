import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { trainBpe } from '../../../src/text/bpeTrainer.ts';
import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';
import { TEXTS } from './nanoTokenizer.ts';

const samples = ["Mara's 1984 film,  Cholwis!", 'e\u0301 Öland\n\n東京 12345', '<|end|>A <|end|> B', ''];
const library = (json: object): ((text: string) => number[]) => {
  const tokenizer = new LibraryTokenizer(json, {});
  return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;
};
const trained = trainBpe(TEXTS, { vocabularySize: 360, addedTokens: ['<|end|>'] });
const added = trained.added_tokens.map((token) => ({ ...token, lstrip: false }));

describe('tokenizers made elsewhere', () => {
  it('reads a pre-tokeniser that cuts digits first (SmolLM2)', () => {
    const json = {
      ...trained,
      added_tokens: added,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Digits', individual_digits: true },
          { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
        ],
      },
    };
    const tokenizer = loadHfTokenizer(json);
    for (const text of samples) {
      expect(tokenizer.encode(text)).toEqual(library(json)(text));
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
  });

  it('cuts every numeric character, and drops bytes that the vocabulary lacks, as tokenizers in Rust does', () => {
    const vocab = Object.fromEntries(
      Object.entries(trained.model['vocab'] as Record<string, number>).filter(([token]) => token !== 'Ą'),
    );
    const tokenizer = loadHfTokenizer({
      ...trained,
      added_tokens: added,
      model: { ...trained.model, vocab },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Digits', individual_digits: true },
          { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
        ],
      },
    });
    const texts = (text: string): string[] => tokenizer.tokenTexts(tokenizer.encode(text));
    expect(texts(' ²')[0]).toBe(' ');
    expect(texts(' 4')).toEqual([' ', '4']);
    expect(tokenizer.encode('a\u0004b')).toEqual([...tokenizer.encode('a'), ...tokenizer.encode('b')]);
    const { a, ...noLetter } = vocab;
    expect(a).toBeDefined();
    expect(() => loadHfTokenizer({ ...trained, model: { ...trained.model, vocab: noLetter } })).toThrow(
      'model.vocab lacks "a" (byte 97)',
    );
  });

  it('reads a normaliser and a pattern of its own (Qwen)', () => {
    const pattern =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    const json = {
      ...trained,
      added_tokens: added,
      normalizer: { type: 'NFC' },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
          { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
        ],
      },
    };
    const tokenizer = loadHfTokenizer(json);
    for (const text of samples) {
      expect(tokenizer.encode(text)).toEqual(library(json)(text));
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.normalize('NFC'));
    }
  });

  it('takes a whole word from the vocabulary where the file says so (Llama 3)', () => {
    const vocab = trained.model['vocab'] as Record<string, number>;
    const model = { ...trained.model, vocab: { ...vocab, Ġxyzzy: 360 }, ignore_merges: true };
    expect(loadHfTokenizer({ ...trained, model }).encode(' xyzzy')).toEqual([360]);
    expect(
      loadHfTokenizer({ ...trained, model: { ...model, ignore_merges: false } }).encode(' xyzzy'),
    ).not.toEqual([360]);
  });

  it('leaves WordPiece to the library (BERT)', () => {
    const words = [
      '[PAD]',
      '[UNK]',
      '[CLS]',
      '[SEP]',
      'the',
      'mill',
      '##er',
      'of',
      'dresk',
      '.',
      '[',
      ']',
      'sep',
    ];
    const json = {
      version: '1.0',
      added_tokens: [0, 1, 2, 3].map((id) => ({ id, content: words[id], special: true, normalized: false })),
      normalizer: { type: 'BertNormalizer', lowercase: true, clean_text: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      },
    };
    const tokenizer = loadHfTokenizer(json);
    expect(tokenizer.vocabularySize).toBe(words.length);
    expect(tokenizer.encode('The Miller of Dresk.[SEP]')).toEqual([4, 5, 6, 7, 8, 9, 3]);
    expect(tokenizer.encode('The Miller[SEP]', { plain: true })).toEqual([4, 5, 6, 10, 12, 11]);
    const ids = [4, 5, 6, 7, 8];
    expect(tokenizer.decode(ids)).toBe('the miller of dresk');
    expect(tokenizer.tokenTexts(ids)).toEqual(['the', ' mill', 'er', ' of', ' dresk']);
  });
});
