import type { Watched } from '../../../src/traces/behaviours/detector.ts';
import type { Segment, SegmentKind, TracePassage, TraceSearch } from '../../../src/traces/trace.ts';

/** A page: title, text, and whether it is on the gold chain (left out: not known). */
export type Page = readonly [title: string, text: string, gold?: boolean];

/** A part of a rollout: a segment's text, or what a search brought. */
export type Part = readonly [Exclude<SegmentKind, 'result'>, string] | readonly ['result', ...Page[]];

export interface Asked {
  readonly question?: string;
  readonly golds?: readonly string[];
  readonly stop?: Watched['stop'];
}

/** A rollout written by hand; each `result` answers the `search` before it. A title names one page. */
export function watched(
  parts: readonly Part[],
  { question = 'Q?', golds = [], stop = 'eos' }: Asked = {},
): Watched {
  const segments: Segment[] = [];
  const searches: TraceSearch[] = [];
  for (const [i, [kind, ...rest]] of parts.entries()) {
    const span = { start: i, end: i + 1, closed: true };
    if (kind !== 'result') {
      segments.push({ kind, text: rest[0] as string, ...span });
      continue;
    }
    const passages = (rest as Page[]).map(([title, text, gold]): TracePassage => ({
      id: title,
      title,
      text,
      score: 1,
      ...(gold === undefined ? {} : { gold }),
    }));
    const query = segments.at(-1)?.kind === 'search' ? (segments.at(-1)?.text ?? '') : '';
    segments.push({ kind, text: passages.map(({ text }) => text).join('\n'), ...span });
    searches.push({ query, passages, resultSegment: i });
  }
  return { question: { id: 'q', text: question, golds }, segments, searches, stop };
}
