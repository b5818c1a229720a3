import { lastBoxed } from '../boxed.ts';
import type { TracePassage, TraceSearch } from '../trace.ts';
import type { Watched } from './detector.ts';
import { plain, sameWords, standsIn } from './wording.ts';

/** A search as it happened: its place in order, and the segments of its query and of its result. */
export interface Asked {
  readonly search: TraceSearch;
  /** Index of the `search` segment; absent where the query was malformed. */
  readonly query?: number;
  readonly result: number;
}

/** Searches with their segments, in order. */
export function askedIn({ segments, searches }: Watched): Asked[] {
  let from = 0;
  return searches.map((search) => {
    const result = search.resultSegment;
    const query = segments.findLastIndex(({ kind }, i) => kind === 'search' && i >= from && i < result);
    from = result + 1;
    return { search, result, ...(query < 0 ? {} : { query }) };
  });
}

/** Whether the trace tells which passages are on the gold chain. */
export function goldPagesKnown({ searches }: Watched): boolean {
  return searches.some(({ passages }) => passages.some(({ gold }) => gold !== undefined));
}

/** Passages on the gold chain that each search was the first to bring. */
export function newGold(searches: readonly TraceSearch[]): TracePassage[][] {
  const had = new Set<string>();
  return searches.map(({ passages }) =>
    passages.filter(({ id, gold }) => {
      if (gold !== true || had.has(id)) return false;
      had.add(id);
      return true;
    }),
  );
}

export const pageText = ({ title, text }: TracePassage): string => `${title}\n${text}`;

/**
 * Whether a passage tells a right answer: it spells one, and is on the gold chain where the chain is known. Yes and
 * no stand in no passage.
 */
export function tellsAnswer(passage: TracePassage, golds: readonly string[]): boolean {
  if (passage.gold === false) return false;
  return golds.some((gold) => !isYesOrNo(gold) && standsIn(gold, pageText(passage)));
}

export const isYesOrNo = (text: string): boolean => ['yes', 'no'].includes(plain(text));

export interface Answered {
  readonly segment: number;
  /** Inside of the last box, or all of the segment's text where it has no box. Not blank. */
  readonly text: string;
}

/** The first answer that says something; a box outside of the tags counts where there is no other. */
export function answerOf({ segments }: Watched): Answered | undefined {
  const read = (kind: 'answer' | 'text'): Answered | undefined => {
    for (const [segment, { kind: is, text }] of segments.entries()) {
      if (is !== kind) continue;
      const boxed = lastBoxed(text)?.trim();
      const said = kind === 'answer' ? (boxed ?? unfinishedBox(text)) : (boxed ?? '');
      if (plain(said) !== '') return { segment, text: said };
    }
    return undefined;
  };
  return read('answer') ?? read('text');
}

/** The text of an answer whose box was never closed, or that has none. */
const unfinishedBox = (text: string): string => text.replace(/^\s*\\boxed\s*\{?/, '').trim();

export const isRight = (answer: string, golds: readonly string[]): boolean =>
  golds.some((gold) => sameWords(answer, gold));
