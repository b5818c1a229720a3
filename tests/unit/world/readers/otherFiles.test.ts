import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { questionLimits, readQuestionFile } from '../../../../src/world/readers/questionFile.ts';
import * as samples from './sampleFiles.ts';

const told = (content: string | Uint8Array): string => {
  const result = readQuestionFile({ name: 'x.json', content });
  return result.kind === 'other' ? result.problem.message : 'read';
};

describe('a file that holds no questions', () => {
  it('is told by what it looks like, with what is expected', () => {
    const looks: readonly (readonly [string | Uint8Array, RegExp])[] = [
      [Uint8Array.from([0x50, 0x41, 0x52, 0x31, 0xff]), /looks like a Parquet file/],
      [Uint8Array.from([0x1f, 0x8b, 8, 0]), /looks like a gzip archive/],
      [Uint8Array.from([0xff, 0xfe, 0x41]), /not UTF-8/],
      ['', /looks like an empty file/],
      ['<!DOCTYPE html><html></html>', /looks like a web page/],
      ['version https://git-lfs.github.com/spec/v1\noid sha256:1', /a pointer of Git LFS/],
      ['Just words, and more words.', /looks like plain text/],
      ['{"title": "Orm", "text": "A lake."}', /passages to search in, without questions/],
      ['[1, 2]', /JSON without objects/],
      ['{"data": [{"paragraphs": []}], "version": "1.1"}', /layout of SQuAD/],
      ['{"prompt": "x", "completion": "y"}', /transcripts of rollouts/],
      ['{"name": "Orm", "Depth": 3}', /JSON with the fields "name", "depth"/],
    ];
    for (const [content, message] of looks) expect(told(content)).toMatch(message);
    expect(told('Just words.')).toMatch(/Expected are questions of HotpotQA, .*\{"question"/);
  });

  it('may be of a size that is not read', () => {
    const result = readQuestionFile(
      { name: 'x', content: samples.hotpotqa },
      { ...questionLimits, fileBytes: 10 },
    );
    expect(result.kind === 'other' && result.problem.message).toMatch(/too large/);
  });
});

/** What holds of anything that is read. */
function checkReading(content: string): void {
  const result = readQuestionFile({ name: 'f', content }, { ...questionLimits, problems: 1_000 });
  if (result.kind === 'other') {
    expect(result.problem.message).toMatch(/\.$/);
    return;
  }
  const { passages, questions, rows, leftOut } = result;
  const ids = new Set(passages.map(({ id }) => id));
  expect(ids.size).toBe(passages.length);
  expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
  expect(questions.length + leftOut.length).toBe(rows);
  expect(passages.filter(({ text }) => text.trim() === '')).toEqual([]);
  for (const { text, golds, chain = [], hops } of questions) {
    expect(text).not.toBe('');
    expect(golds.length).toBeGreaterThan(0);
    expect(golds).not.toContain('');
    if (chain.length > 0) expect(hops).toBe(chain.length);
    for (const { passageId } of chain) expect(ids).toContain(passageId);
  }
}

const sampleTexts = Object.values(samples).filter((sample) => typeof sample === 'string');

describe('whatever comes', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .array(fc.constantFrom('{', '}', '[', ']', '"', ',', '\n', '?', 'question', ':', '\\', 'a'))
      .map((parts) => parts.join('')),
  );

  it('never throws; rows are read or named, ids are unique, chains name passages that are there', () => {
    fc.assert(fc.property(anything, checkReading), { numRuns: 500 });
  });

  it('not on samples with a field of any kind in any place', () => {
    const rows = sampleTexts.flatMap((text) => text.trim().split('\n')).flatMap(objectsOf);
    const field = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom('', '[]', '{}', '[["a", ["b"]]]', '[1'),
    );
    const mutated = fc
      .tuple(fc.constantFrom(...rows), fc.nat(), field, fc.boolean())
      .map(([row, at, value, gone]) => {
        const names = Object.keys(row);
        const name = names[at % names.length] ?? '';
        const rest = Object.fromEntries(Object.entries(row).filter(([other]) => other !== name));
        return gone ? rest : { ...rest, [name]: value };
      });
    fc.assert(
      fc.property(fc.array(mutated, { maxLength: 4 }), fc.boolean(), (list, asLines) => {
        checkReading(asLines ? list.map((row) => JSON.stringify(row)).join('\n') : JSON.stringify(list));
      }),
      { numRuns: 500 },
    );
  });

  it('not on samples that are cut off or have a character changed', () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    const mark = fc.constantFrom('"', '{', '}', '[', ']', ',', '\n', '');
    fc.assert(
      fc.property(fc.constantFrom(...sampleTexts), place, mark, fc.boolean(), (text, share, other, cut) => {
        const at = Math.floor(share * text.length);
        checkReading(text.slice(0, at) + (cut ? '' : other + text.slice(at + 1)));
      }),
      { numRuns: 500 },
    );
  });
});

/** Objects on a line of a sample. */
function objectsOf(line: string): object[] {
  try {
    const value: unknown = JSON.parse(line);
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return list.filter((one): one is object => typeof one === 'object' && one !== null);
  } catch {
    return [];
  }
}
