import type { Behaviour, Segment, TraceSearch } from './trace.ts';

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

/** A rollout correcting itself: where it noticed and what it then did. */
export interface SelfCorrection {
  /** Index of the `think` segment that says so. */
  readonly think: number;
  /** Index of the `search` segment that asks anew. */
  readonly search: number;
  /** The phrase found. */
  readonly phrase: string;
  /**
   * The new search brought a gold passage that no search before had brought. Absent where the gold chain
   * is not known.
   */
  readonly recovered?: boolean;
}

/**
 * The first self-correction of a rollout, or undefined. In words: after a result came back, the policy says in a
 * think segment that something is wrong (one of `REFLECTION_PHRASES`), and a later search asks something that it
 * had not asked before (queries compared without case and punctuation).
 */
export function findSelfCorrection(
  segments: readonly Segment[],
  searches: readonly TraceSearch[],
): SelfCorrection | undefined {
  const firstResult = segments.findIndex((segment) => segment.kind === 'result');
  if (firstResult < 0) return undefined;
  for (let think = firstResult + 1; think < segments.length; think++) {
    const segment = segments[think];
    if (segment?.kind !== 'think') continue;
    const phrase = reflectionIn(segment.text);
    if (phrase === undefined) continue;
    const search = nextNewSearch(segments, think);
    if (search === undefined) return undefined;
    const recovered = recoversGold(segments, searches, search);
    return { think, search, phrase, ...(recovered === undefined ? {} : { recovered }) };
  }
  return undefined;
}

/** Names of all behaviours seen in a rollout, for `Trace.behaviours`. */
export function behavioursOf(segments: readonly Segment[], searches: readonly TraceSearch[]): Behaviour[] {
  return findSelfCorrection(segments, searches) === undefined ? [] : ['self-correction'];
}

function reflectionIn(text: string): string | undefined {
  const words = ` ${normalise(text)} `;
  return REFLECTION_PHRASES.find((phrase) => words.includes(` ${phrase} `));
}

function nextNewSearch(segments: readonly Segment[], think: number): number | undefined {
  const asked = new Set<string>();
  for (const [i, segment] of segments.entries()) {
    if (segment.kind !== 'search') continue;
    const query = normalise(segment.text);
    if (i > think && query !== '' && !asked.has(query)) return i;
    asked.add(query);
  }
  return undefined;
}

function recoversGold(
  segments: readonly Segment[],
  searches: readonly TraceSearch[],
  searchSegment: number,
): boolean | undefined {
  const passages = searches.flatMap((search) => search.passages);
  if (passages.every((passage) => passage.gold === undefined)) return undefined;
  const resultSegment = segments.findIndex((s, i) => i > searchSegment && s.kind === 'result');
  const before = new Set<string>();
  for (const search of searches) {
    const gold = search.passages.filter((passage) => passage.gold === true);
    if (search.resultSegment === resultSegment) return gold.some((passage) => !before.has(passage.id));
    for (const passage of gold) before.add(passage.id);
  }
  return false;
}

/** Lower case, letters and digits only, single spaces; apostrophes vanish. */
function normalise(text: string): string {
  return text
    .toLowerCase()
    .replace(/['’]/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
