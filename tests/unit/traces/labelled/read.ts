import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Watched } from '../../../../src/traces/behaviours/detector.ts';
import { behaviourNames, type Behaviour } from '../../../../src/traces/trace.ts';

/** A line of the files beside this one: a rollout as detectors see it, and what its reader saw in it. README.md tells how. */
const line = z.strictObject({
  n: z.number().int().positive(),
  labels: z.array(z.enum(behaviourNames)),
  question: z.strictObject({ text: z.string(), golds: z.array(z.string()), hops: z.number().optional() }),
  /** Kind, text (that of a result is its pages), and `open` where its closing tag never came. */
  segments: z.array(
    z.tuple([z.enum(['think', 'search', 'result', 'answer', 'text']), z.string()]).rest(z.literal('open')),
  ),
  searches: z.array(
    z.strictObject({
      query: z.string(),
      /** Index of its result among the segments. */
      result: z.number().int(),
      problem: z.enum(['empty query', 'malformed query']).optional(),
      ids: z.array(z.string()),
      /** Title, text, on the gold chain. */
      pages: z.array(z.tuple([z.string(), z.string()]).rest(z.boolean())),
    }),
  ),
  stop: z.enum(['eos', 'length', 'searches', 'aborted']),
});

export interface Labelled {
  /** Its number in the reader's order, which is shuffled over all draws. */
  readonly n: number;
  /** The file it stands in: one a draw. */
  readonly draw: string;
  readonly labels: readonly Behaviour[];
  readonly trace: Watched;
}

/** Every labelled rollout, in the reader's order. */
export function labelledRollouts(): Labelled[] {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  const all = files.flatMap((file) =>
    readFileSync(folder + file, 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => labelled(file.replace('.jsonl', ''), line.parse(JSON.parse(text)))),
  );
  return all.sort((a, b) => a.n - b.n);
}

function labelled(
  draw: string,
  { n, labels, question, segments, searches, stop }: z.infer<typeof line>,
): Labelled {
  const { text, golds, hops } = question;
  const found = searches.map(({ query, result, ids, pages, problem }) => ({
    query,
    resultSegment: result,
    passages: pages.map(([title, body, gold], i) => ({
      id: ids[i] ?? title,
      title,
      text: body,
      score: 1,
      ...(gold === undefined ? {} : { gold }),
    })),
    ...(problem === undefined ? {} : { problem }),
  }));
  const textOf = (i: number, written: string): string =>
    found
      .filter(({ resultSegment }) => resultSegment === i)
      .flatMap(({ passages }) => passages.map((page) => `${page.title}: ${page.text}`))
      .join('\n') || written;
  const trace: Watched = {
    question: { id: String(n), text, golds, ...(hops === undefined ? {} : { hops }) },
    segments: segments.map(([kind, written, open], i) => ({
      kind,
      start: i,
      end: i + 1,
      text: textOf(i, written),
      closed: open === undefined,
    })),
    searches: found,
    stop,
  };
  return { n, draw, labels, trace };
}
