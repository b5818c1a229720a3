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
 * The searches that brought a page that tells a right answer. Such a page spells one; where the gold chain is known
 * it is on it too, and with it as many pages of the chain have come as the question has hops: the country that a
 * person's page names in passing is no answer before the chain has led to it. Yes and no stand in no page.
 */
export function tellingSearches({ question, searches }: Watched): TraceSearch[] {
  const golds = question.golds.filter((gold) => !isYesOrNo(gold));
  const fresh = newGold(searches);
  let come = 0;
  return searches.filter(({ passages }, i) => {
    come += fresh[i]?.length ?? 0;
    return passages.some((page) => {
      if (page.gold === false) return false;
      if (page.gold === true && come < (question.hops ?? 0)) return false;
      return golds.some((gold) => standsIn(gold, pageText(page)));
    });
  });
}

export const isYesOrNo = (text: string): boolean => ['yes', 'no'].includes(plain(text));

export interface Answered {
  readonly segment: number;
  /** Inside of the last box, or all of the segment's text where it has no box. Not blank. */
  readonly text: string;
}

/**
 * The last answer that says something; a box outside of the tags counts where there is no other. One that was cut at
 * a limit, or that broke off into a search, is none.
 */
export function answerOf(trace: Watched): Answered | undefined {
  const { segments } = trace;
  const read = (kind: 'answer' | 'text'): Answered | undefined => {
    for (let segment = segments.length - 1; segment >= 0; segment--) {
      const { kind: is, text, closed } = segments[segment] ?? {};
      if (is !== kind || text === undefined || (closed === false && brokeOff(trace, segment))) continue;
      const boxed = lastBoxed(text)?.trim();
      const said = kind === 'answer' ? (boxed ?? unfinishedBox(text)) : (boxed ?? '');
      if (plain(said) !== '') return { segment, text: said };
    }
    return undefined;
  };
  return read('answer') ?? read('text');
}

function brokeOff({ segments, stop }: Watched, segment: number): boolean {
  const next = segments[segment + 1]?.kind;
  return next === undefined ? stop !== 'eos' : next === 'search' || next === 'result';
}

/** The text of an answer whose box was never closed, or that has none. */
const unfinishedBox = (text: string): string => text.replace(/^\s*\\boxed\s*\{?/, '').trim();

export const isRight = (answer: string, golds: readonly string[]): boolean =>
  golds.some((gold) => sameWords(answer, gold));
