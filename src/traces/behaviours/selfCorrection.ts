import type { Detector, Watched } from './detector.ts';
import { askedIn, goldPagesKnown, newGold } from './reading.ts';
import { plain, standsIn } from './wording.ts';

/**
 * Phrases by which a policy says that its last search brought the wrong thing. Data, not code: the detector
 * is as good as this list, so it is short, readable and printed where its figures are shown.
 */
export const REFLECTION_PHRASES: readonly string[] = [
  'i made a mistake',
  'i was wrong',
  'that was wrong',
  'this is wrong',
  'wrong page',
  'wrong one',
  'wrong person',
  'wrong place',
  'not the one',
  'not the right',
  'not what i',
  'that is not',
  'this is not',
  'does not say',
  'does not mention',
  'does not answer',
  'not helpful',
  'search again',
  'try again',
  'let me correct',
];

export const selfCorrection: Detector = {
  name: 'self-correction',
  kind: 'skill',
  definition:
    'After a result it says in its thinking that something is wrong, then asks what it has not asked before, and so gets a page of the gold chain that it did not have.',
  lookFor:
    'It rises where first searches bring wrong pages and noticing them pays; it falls again once first searches are good.',
  find: (trace) => {
    const found = findCorrections(trace).find(({ recovered }) => recovered !== false);
    return found === undefined ? [] : [found.think, found.search];
  },
};

/** A rollout changing its query after a doubt: where it says so and what it then asks. */
export interface Correction {
  /** Index of the `think` segment that says so. */
  readonly think: number;
  /** Index of the `search` segment that asks anew. */
  readonly search: number;
  /** The new search brought a gold page that no search before had. Absent where the gold chain is not known. */
  readonly recovered?: boolean;
}

/** Every doubt after a result that is followed by a new query, in order. */
export function findCorrections(trace: Watched): Correction[] {
  const { segments } = trace;
  const firstResult = segments.findIndex(({ kind }) => kind === 'result');
  if (firstResult < 0) return [];
  return segments.flatMap(({ kind, text }, think) => {
    if (think < firstResult || kind !== 'think' || !doubts(text)) return [];
    const search = nextNewSearch(trace, think);
    if (search === undefined) return [];
    const recovered = recovers(trace, search);
    return [{ think, search, ...(recovered === undefined ? {} : { recovered }) }];
  });
}

const doubts = (text: string): boolean => REFLECTION_PHRASES.some((phrase) => standsIn(phrase, text));

function nextNewSearch({ segments }: Watched, think: number): number | undefined {
  const asked = new Set<string>();
  for (const [i, { kind, text }] of segments.entries()) {
    if (kind !== 'search') continue;
    const query = plain(text);
    if (i > think) return query !== '' && !asked.has(query) ? i : undefined;
    asked.add(query);
  }
  return undefined;
}

function recovers(trace: Watched, searchSegment: number): boolean | undefined {
  const at = askedIn(trace).findIndex(({ query }) => query === searchSegment);
  // A query whose tag never closed was not asked.
  if (at < 0) return false;
  if (!goldPagesKnown(trace)) return undefined;
  return (newGold(trace.searches)[at]?.length ?? 0) > 0;
}
