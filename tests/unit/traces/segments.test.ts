import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSegments } from '../../../src/traces/segments.ts';
import type { Segment } from '../../../src/traces/trace.ts';

/** Segments of a wholly generated response given as token texts. */
function parse(...texts: string[]): Segment[] {
  return parseSegments({ texts, generated: texts.map(() => true) });
}

/** Kind, inner text, span and whether closed, short. */
function brief(segments: readonly Segment[]): string[] {
  return segments.map((s) => `${s.kind} ${s.start}-${s.end} "${s.text}"${s.closed ? '' : ' open'}`);
}

describe('parseSegments', () => {
  it('reads a whole rollout with one token a tag', () => {
    const texts = [
      '<think>',
      ' look',
      '</think>',
      '<search>',
      ' a',
      ' b',
      '</search>',
      '<result>',
      ' A',
      ': x',
    ];
    const rest = ['</result>', '<answer>', ' \\boxed{', ' x', '}', '</answer>', '<|end|>'];
    const generated = [...texts, ...rest].map((_, i) => i < 7 || i > 10);
    expect(brief(parseSegments({ texts: [...texts, ...rest], generated }))).toEqual([
      'think 0-3 "look"',
      'search 3-7 "a b"',
      'result 7-11 "A: x"',
      'answer 11-16 "\\boxed{ x}"',
      'text 16-17 "<|end|>"',
    ]);
  });

  it('reads tags split over tokens, and a token that ends one tag and opens the next', () => {
    const segments = parse('<', 'think', '>', 'hm', '</', 'think', '><', 'search', '>', 'q', '</search>');
    expect(brief(segments)).toEqual(['think 0-7 "hm"', 'search 7-11 "q"']);
  });

  it('gives white space between segments to the following one, and at the end to the last', () => {
    const segments = parse('<think>', 'a', '</think>', ' ', '<search>', 'b', '</search>', '\n');
    expect(brief(segments)).toEqual(['think 0-3 "a"', 'search 3-8 "b"']);
  });

  it('ends an unclosed segment at the next opening tag, also of the same kind', () => {
    expect(brief(parse('<think>', 'a', '<think>', 'b', '<search>', 'c'))).toEqual([
      'think 0-2 "a" open',
      'think 2-4 "b" open',
      'search 4-6 "c" open',
    ]);
  });

  it('takes a closing tag without its opening one for content', () => {
    expect(brief(parse('a', '</think>', '<think>', 'b', '</search>', '</think>'))).toEqual([
      'text 0-2 "a</think>"',
      'think 2-6 "b</search>"',
    ]);
  });

  it('keeps repeated segments apart', () => {
    expect(brief(parse('<answer>', 'a', '</answer>', '<answer>', 'b', '</answer>'))).toEqual([
      'answer 0-3 "a"',
      'answer 3-6 "b"',
    ]);
  });

  it('makes an inserted run one result, whatever tags its passages spell', () => {
    const texts = [
      '<search>',
      '</search>',
      '<result>',
      '</result><answer>',
      '</',
      'search>',
      '</result>',
      '<think>',
    ];
    const generated = texts.map((_, i) => i < 2 || i === 7);
    expect(brief(parseSegments({ texts, generated }))).toEqual([
      'search 0-2 ""',
      'result 2-7 "</result><answer></search>"',
      'think 7-8 "" open',
    ]);
  });

  it('marks a result cut by the length limit as open', () => {
    const segments = parseSegments({ texts: ['<result>', ' A: x'], generated: [false, false] });
    expect(brief(segments)).toEqual(['result 0-2 "A: x" open']);
  });

  it('refuses arrays of different lengths', () => {
    expect(() => parseSegments({ texts: ['a'], generated: [] })).toThrow('1 texts but 0 generated flags');
  });

  it('covers all tokens with ordered, disjoint, non-empty spans, for any text cut anywhere', () => {
    const piece = fc.constantFrom(
      ...['<think>', '</think>', '<search>', '</search>', '<result>', '</result>', '<answer>', '</answer>'],
      ...['word', ' ', '', '<', '>', '</', 'think', '><', '\n', 'é', '<|end|>'],
    );
    const tokens = fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(tokens, (list) => {
        const segments = parseSegments({ texts: list.map(([t]) => t), generated: list.map(([, g]) => g) });
        let end = 0;
        for (const segment of segments) {
          expect(segment.start).toBe(end);
          expect(segment.end).toBeGreaterThan(segment.start);
          expect(new Set(list.slice(segment.start, segment.end).map(([, g]) => g)).size).toBe(1);
          end = segment.end;
        }
        expect(end).toBe(list.length);
      }),
      { numRuns: 500 },
    );
  });
});
