import type { Watched } from '../../../src/traces/behaviours/detector.ts';
import type { Segment, SegmentKind, TracePassage, TraceSearch } from '../../../src/traces/trace.ts';

/** A page: title, text, and whether it is on the gold chain (left out: not known). */
export type Page = readonly [title: string, text: string, gold?: boolean];

type Written = Exclude<SegmentKind, 'result'>;

/** A part of a rollout: a segment's text (`open` where its closing tag never came), or what a search brought. */
export type Part =
  readonly [Written, string] | readonly [Written, string, 'open'] | readonly ['result', ...Page[]];

export interface Asked {
  readonly question?: string;
  readonly golds?: readonly string[];
  readonly hops?: number;
  readonly stop?: Watched['stop'];
}

/** A rollout written by hand; each `result` answers the `search` before it. A title names one page. */
export function watched(
  parts: readonly Part[],
  { question = 'Q?', golds = [], hops, stop = 'eos' }: Asked = {},
): Watched {
  const segments: Segment[] = [];
  const searches: TraceSearch[] = [];
  for (const [i, part] of parts.entries()) {
    const span = { start: i, end: i + 1 };
    if (part[0] !== 'result') {
      segments.push({ kind: part[0], text: part[1], closed: part[2] === undefined, ...span });
      continue;
    }
    const [, ...pages] = part;
    const passages = pages.map(([title, text, gold]): TracePassage => ({
      id: title,
      title,
      text,
      score: 1,
      ...(gold === undefined ? {} : { gold }),
    }));
    const asked = segments.at(-1);
    segments.push({ kind: 'result', text: pages.map(([, text]) => text).join('\n'), closed: true, ...span });
    searches.push({ query: asked?.kind === 'search' ? asked.text : '', passages, resultSegment: i });
  }
  const about = { id: 'q', text: question, golds, ...(hops === undefined ? {} : { hops }) };
  return { question: about, segments, searches, stop };
}
