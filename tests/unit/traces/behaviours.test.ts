import { describe, expect, it } from 'vitest';
import { behavioursOf, findSelfCorrection } from '../../../src/traces/behaviours.ts';
import type { Segment, SegmentKind, TracePassage, TraceSearch } from '../../../src/traces/trace.ts';

function segmentsOf(...parts: [SegmentKind, string][]): Segment[] {
  return parts.map(([kind, text], i) => ({ kind, text, start: i, end: i + 1, closed: true }));
}

function passage(id: string, gold?: boolean): TracePassage {
  return { id, title: id, text: id, score: 1, ...(gold === undefined ? {} : { gold }) };
}

const CORRECTED = segmentsOf(
  ['think', 'First the author.'],
  ['search', 'Cholwis author'],
  ['result', 'Cholwis (film)'],
  ['think', 'I made a mistake. That is not the book.'],
  ['search', 'book Cholwis'],
  ['result', 'Cholwis (book)'],
  ['answer', 'x'],
);

describe('findSelfCorrection', () => {
  it('finds reflection after a result followed by a new search', () => {
    expect(findSelfCorrection(CORRECTED, [])).toMatchObject({
      think: 3,
      search: 4,
      phrase: 'i made a mistake',
    });
    expect(behavioursOf(CORRECTED, [])).toEqual(['self-correction']);
  });

  it('ignores reflection before any result', () => {
    const segments = segmentsOf(
      ['think', 'I made a mistake.'],
      ['search', 'a'],
      ['result', ''],
      ['search', 'b'],
    );
    expect(behavioursOf(segments, [])).toEqual([]);
  });

  it('ignores reflection that is followed by no search, or by the same query in other dress', () => {
    const tail: [SegmentKind, string][] = [
      ['search', 'Cholwis author'],
      ['result', ''],
      ['think', 'That is not the one.'],
    ];
    expect(behavioursOf(segmentsOf(...tail), [])).toEqual([]);
    expect(behavioursOf(segmentsOf(...tail, ['search', 'cholwis  AUTHOR?']), [])).toEqual([]);
    expect(behavioursOf(segmentsOf(...tail, ['search', '']), [])).toEqual([]);
    expect(behavioursOf(segmentsOf(...tail, ['search', 'Cholwis book']), [])).toEqual(['self-correction']);
  });

  it('does not find a phrase inside other words, nor outside think segments', () => {
    const inWords = segmentsOf(
      ['search', 'a'],
      ['result', ''],
      ['think', 'Retry againlessly.'],
      ['search', 'b'],
    );
    expect(behavioursOf(inWords, [])).toEqual([]);
    const inResult = segmentsOf(
      ['search', 'a'],
      ['result', 'wrong page'],
      ['think', 'Next.'],
      ['search', 'b'],
    );
    expect(behavioursOf(inResult, [])).toEqual([]);
  });

  it('tells whether the new search brought a gold passage not had before', () => {
    const search = (resultSegment: number, ...passages: TracePassage[]): TraceSearch => ({
      query: '',
      passages,
      resultSegment,
    });
    const recovered = [search(2, passage('film', false)), search(5, passage('book', true))];
    expect(findSelfCorrection(CORRECTED, recovered)?.recovered).toBe(true);
    const again = [search(2, passage('book', true)), search(5, passage('book', true))];
    expect(findSelfCorrection(CORRECTED, again)?.recovered).toBe(false);
    const unknown = [search(2, passage('film')), search(5, passage('book'))];
    expect(findSelfCorrection(CORRECTED, unknown)).not.toHaveProperty('recovered');
  });
});
