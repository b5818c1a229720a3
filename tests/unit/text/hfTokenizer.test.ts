import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadHfTokenizer } from '../../../src/text/hfTokenizer.ts';
import { ADDED, trainNano } from './nanoTokenizer.ts';

const { json, tokenizer } = trainNano();
const specialIds = new Set(json.added_tokens.map((token) => token.id));
const own = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
const unprintable = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !own(byte));
const rawBytes: number[][] = [];
for (const [token, id] of Object.entries(json.model['vocab'] as Record<string, number>)) {
  rawBytes[id] = specialIds.has(id) ? [...new TextEncoder().encode(token)] : [...token].map(byteOf);
}
const words = fc.constantFrom(
  ...ADDED,
  ' Cholwis',
  'Cholwis',
  ' ',
  '  ',
  '\n',
  '.',
  "'s",
  'é',
  '東京',
  '👩‍🚀',
  '</',
  'search>',
  '1984',
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(words).map((parts) => parts.join('')),
);

describe('HfTokenizer on our byte-level BPE', () => {
  it('gives text back, up to the prefix space', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const expected = text === '' || text.startsWith(' ') ? text : ` ${text}`;
        expect(tokenizer.decode(tokenizer.encode(text, { plain: true }))).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('never makes a special token of plain text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.encode(text, { plain: true }).filter((id) => specialIds.has(id))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('tokenTexts joined are the decoded text, for any ids', () => {
    const ids = fc.array(fc.nat({ max: tokenizer.vocabularySize - 1 }));
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    fc.assert(
      fc.property(ids, (list) => {
        const texts = tokenizer.tokenTexts(list);
        expect(texts).toHaveLength(list.length);
        expect(texts.join('')).toBe(tokenizer.decode(list));
        // The runtime's own decoder on the bytes in a row is the judge of broken UTF-8.
        const raw = list.flatMap((id) => rawBytes[id] ?? []);
        expect(texts.join('')).toBe(decoder.decode(Uint8Array.from(raw)));
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with @huggingface/tokenizers', () => {
    const library = new LibraryTokenizer(json, {});
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.encode(text)).toEqual(library.encode(text, { add_special_tokens: false }).ids);
      }),
      { numRuns: 300 },
    );
  });

  it('gives a name one tokenisation wherever it stands', () => {
    const name = tokenizer.encode(' Cholwis');
    const search = tokenizer.idOf('<search>');
    const close = tokenizer.idOf('</search>');
    for (const text of [
      '<search> Cholwis</search>',
      '<search>Cholwis</search>',
      '<search>Cholwis </search>',
    ]) {
      expect(tokenizer.encode(text)).toEqual([search, ...name, close]);
    }
    expect(tokenizer.encode('Cholwis')).toEqual(name);
    expect(tokenizer.encode('\\boxed{Cholwis}').slice(1, 1 + name.length)).toEqual(name);
    const text = '<search> Cholwis publisher</search>';
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  it('puts the text of a split character on its first token', () => {
    const ids = tokenizer.encode('ꙮ');
    const texts = tokenizer.tokenTexts(ids);
    expect(texts.filter((text) => text !== '')).toHaveLength(2);
    expect(texts.slice(-2)).toEqual(['', '']);
    expect(texts.join('')).toBe(' ꙮ');
  });

  it('names eos, or says what is missing', () => {
    expect(tokenizer.eosId).toBe(0);
    expect(tokenizer.idOf('</search>')).toBe(4);
    expect(tokenizer.idOf('<nowhere>')).toBeUndefined();
    expect(() => loadHfTokenizer(json).eosId).toThrow(/tokenizer_config\.json: eos_token is missing/);
    expect(() => tokenizer.decode([-1])).toThrow(/Token id -1/);
  });

  it.each([
    [undefined, undefined],
    [null, undefined],
    ['one', 'one'],
    [
      [
        { name: 'tool_use', template: 'tools' },
        { name: 'default', template: 'plain' },
      ],
      'plain',
    ],
    [
      [
        { name: 'rag', template: 'other' },
        { name: 'tool_use', template: 'tools' },
      ],
      'tools',
    ],
    [[{ name: 'rag', template: 'other' }], undefined],
  ])('takes of chat_template %j the one for a chat', (chat_template, expected) => {
    expect(loadHfTokenizer(json, { chat_template }).chatTemplate).toBe(expected);
  });

  it('names the field of a broken file', () => {
    expect(() => loadHfTokenizer(json, { chat_template: [{ name: 'default' }] })).toThrow(
      /^tokenizer_config\.json: chat_template/,
    );
    expect(() => loadHfTokenizer({ model: 3 })).toThrow(/tokenizer\.json: model: /);
    expect(() => loadHfTokenizer({ ...json, model: { type: 'BPE', vocab: {}, merges: [] } })).toThrow(
      /model\.vocab lacks/,
    );
    const merges = { ...json.model, merges: ['zz yy'] };
    expect(() => loadHfTokenizer({ ...json, model: merges })).toThrow(/merges\[0\] "zz yy"/);
  });
});

/** GPT-2's table, from its rule: printable Latin-1 stands for itself, the rest follow from 256 on. */
function byteOf(character: string): number {
  const code = character.charCodeAt(0);
  return code < 256 ? code : (unprintable[code - 256] ?? -1);
}
