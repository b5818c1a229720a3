import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownLimits, readOwnPassages } from '../../../src/world/ownPassages.ts';
import type { OwnFormat } from '../../../src/world/ownPassages.ts';
import { describeProblem } from '../../../src/world/problems.ts';
import { sentencesOf, splitParagraph } from '../../../src/world/splitText.ts';

const read = (
  name: string,
  content: string | Uint8Array,
  limits = ownLimits,
): ReturnType<typeof readOwnPassages> => readOwnPassages([{ name, content }], limits);
const pairs = (name: string, content: string): string[][] =>
  read(name, content).passages.map(({ title, text }) => [title, text]);
const told = (name: string, content: string | Uint8Array, limits = ownLimits): string[] =>
  read(name, content, limits).problems.map(describeProblem);

describe('plain text', () => {
  it('takes paragraphs, with a heading line or the first words as title', () => {
    const text =
      'Mount Ilda\r\n\r\nThe mountain is in Dresk.\nIt is high.\r\n\r\nIt was first climbed in 1903.\n\nLake Orm\nThe lake is deep.';
    expect(pairs('a.txt', text)).toEqual([
      ['Mount Ilda', 'The mountain is in Dresk. It is high.'],
      ['Mount Ilda', 'It was first climbed in 1903.'],
      ['Lake Orm', 'The lake is deep.'],
    ]);
    expect(pairs('a.txt', 'Our house has a red door, and a blue roof. It is old.')).toEqual([
      ['Our house has a red door', 'Our house has a red door, and a blue roof. It is old.'],
    ]);
  });

  it('does not take the first line of wrapped prose for a heading', () => {
    expect(pairs('a.txt', 'Once there was a miller\nwho had three sons and a cat.')).toEqual([
      ['Once there was a miller who', 'Once there was a miller who had three sons and a cat.'],
    ]);
  });
});

describe('markdown', () => {
  it('takes headings as titles and drops marks', () => {
    const text = [
      '---',
      'layout: page',
      '---',
      '# The **Guide**',
      'See [the map](http://x.y) and `code` in *Orm*, not snake_case_names.',
      '',
      '<!-- hidden',
      'words -->',
      'Setext',
      '------',
      '- first item',
      '- second \\*item\\*',
      '',
      '```',
      '# not a heading',
      '```',
      '## Empty',
      '### Table ##',
      '| a | b |',
      '|---|---|',
      '| Orm | lake |',
    ].join('\n');
    expect(pairs('a.md', text)).toEqual([
      ['The Guide', 'See the map and code in Orm, not snake_case_names.'],
      ['Setext', 'first item second *item*'],
      ['Setext', '# not a heading'],
      ['Table', 'a b'],
      ['Table', 'Orm lake'],
    ]);
    expect(read('a.md', text).passages[0]?.id).toBe('a.md:5');
  });
});

describe('jsonl', () => {
  it('reads title and text, FlashRAG contents, and ids', () => {
    const rows = [
      '{"id": 7, "title": "Orm", "text": "A lake."}',
      '{"contents": "\\"Ilda\\"\\nA mountain."}',
      '',
      '{"id": "x", "text": "Rain fell on Dresk all day. Then it stopped."}',
    ];
    expect(read('a.jsonl', rows.join('\n')).passages).toEqual([
      { id: '7', title: 'Orm', text: 'A lake.' },
      { id: 'a.jsonl:2', title: 'Ilda', text: 'A mountain.' },
      { id: 'x', title: 'Rain fell on Dresk all day', text: 'Rain fell on Dresk all day. Then it stopped.' },
    ]);
  });

  it('keeps good rows and tells bad ones with file, line and mend', () => {
    const rows = [
      '{"text": "One."}',
      '{"text": "Two"',
      '[1]',
      '{"title": "x"}',
      '{"text": 3}',
      '{"text": "Six."}',
    ];
    const { passages, problems } = read('a.jsonl', rows.join('\n'));
    expect(passages.map(({ text }) => text)).toEqual(['One.', 'Six.']);
    expect(problems.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
    expect(describeProblem(problems[0] ?? { file: '', message: '' })).toMatch(
      /^a\.jsonl, line 2: not JSON\. Each line/,
    );
  });

  it('gives every passage an id of its own', () => {
    const { passages, problems } = read('a.jsonl', '{"id":"p","text":"One."}\n{"id":"p","text":"Two."}');
    expect(passages.map(({ id }) => id)).toEqual(['p', 'a.jsonl:2']);
    expect(problems[0]?.message).toMatch(/"p" is already/);
    const twice = readOwnPassages([
      { name: 'a.txt', content: 'One.' },
      { name: 'a.txt', content: 'Two.' },
    ]);
    expect(new Set(twice.passages.map(({ id }) => id)).size).toBe(2);
  });
});

describe('what cannot be read', () => {
  it('says so for each file and goes on', () => {
    expect(told('a.pdf', 'x')[0]).toMatch(/^a\.pdf: a \.pdf file; only txt, md and jsonl/);
    expect(told('a.txt', Uint8Array.of(0xff, 0xfe, 0x41))[0]).toMatch(/not UTF-8/);
    expect(told('a.txt', 'a\0b')[0]).toMatch(/zero bytes/);
    expect(told('a.txt', ' \n\n')).toEqual(['a.txt: no text in it. Give it at least one paragraph.']);
    expect(told('a.txt', 'x'.repeat(30), { ...ownLimits, fileBytes: 20 })[0]).toMatch(/too large/);
  });

  it('keeps the first passages when there are too many, and counts problems beyond the limit', () => {
    const limits = { ...ownLimits, passages: 2, problems: 3 };
    const { passages, problems } = read('a.txt', 'One.\n\nTwo.\n\nThree.\n\nFour.', limits);
    expect(passages).toHaveLength(2);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ line: 5 });
    expect(told('a.jsonl', '{\n'.repeat(10), limits).at(-1)).toBe(
      'all files: and 7 more problems of these kinds.',
    );
  });

  it('guesses what pasted text is', () => {
    expect(pairs('pasted text', '{"title":"A","text":"B."}')).toEqual([['A', 'B.']]);
    expect(pairs('pasted text', '# A\nB.')).toEqual([['A', 'B.']]);
    expect(pairs('pasted text', 'Just words.')).toEqual([['Just words', 'Just words.']]);
  });
});

describe('splitting', () => {
  const limits = { words: 60, characters: 600 };

  it('cuts long paragraphs at sentence ends', () => {
    const sentence = 'Dr. Orm of the U.S. navy saw 3.5 storms on the way to Dresk and back.';
    const pieces = splitParagraph(Array.from({ length: 9 }, () => sentence).join(' '), limits);
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) expect(piece.replaceAll(sentence, '').trim()).toBe('');
  });

  it('knows ends of sentences', () => {
    expect(sentencesOf('He met Mr. Orm. "Why?" she said. 湖は深い。山は高い。')).toEqual([
      'He met Mr. Orm.',
      '"Why?" she said.',
      '湖は深い。',
      '山は高い。',
    ]);
  });

  it('loses no character and keeps the limits, whatever comes', () => {
    const text = fc.array(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('. ', ' A', '\n', 'word ')),
      {
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(text, (parts) => {
        const whole = parts.join('');
        const small = { words: 7, characters: 40 };
        const pieces = splitParagraph(whole, small);
        expect(pieces.join('').replace(/\s/g, '')).toBe(whole.replace(/\s/g, ''));
        const tooLong = pieces.filter((piece) => [...piece].length > 40 || piece.split(/\s+/).length > 7);
        expect(tooLong).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('reads any text in any format without throwing, ids unique', () => {
    const format = fc.constantFrom<OwnFormat>('txt', 'md', 'jsonl');
    const text = fc.array(
      fc.oneof(
        fc.string(),
        fc.constantFrom('\n', '\n\n', '# ', '```', '---', '{"text":"a"}', '| a |', '**', '. '),
      ),
    );
    fc.assert(
      fc.property(format, text, (kind, parts) => {
        const { passages } = readOwnPassages([{ name: 'x', content: parts.join(''), format: kind }]);
        expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
        expect(passages.filter(({ text: body }) => body === '')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
