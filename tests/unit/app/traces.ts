import type { Segment, SegmentKind, Trace, TraceReward } from '../../../src/traces/trace.ts';

export interface TraceParts {
  readonly parts?: readonly (readonly [kind: SegmentKind, tokens: number])[];
  readonly reward?: TraceReward;
}

/** A small trace with the given segments; its words are made up. */
export function makeTrace({ parts = [['think', 3]], reward }: TraceParts): Trace {
  const segments: Segment[] = [];
  let at = 0;
  for (const [kind, tokens] of parts) {
    segments.push({ kind, start: at, end: at + tokens, text: kind === 'text' ? '' : kind, closed: true });
    at += tokens;
  }
  return {
    id: 'trace',
    question: { id: 'q', text: 'Who?', golds: ['Ada'] },
    prompt: { text: 'Who?', ids: [1] },
    tokens: {
      ids: Array.from({ length: at }, (_, i) => i),
      texts: Array.from({ length: at }, (_, i) => ` w${i}`),
      generated: segments.flatMap((segment) =>
        Array.from({ length: segment.end - segment.start }, () => segment.kind !== 'result'),
      ),
    },
    segments,
    searches: segments.flatMap((segment, i) =>
      segment.kind === 'result' ? [{ query: 'Ada', passages: [], resultSegment: i }] : [],
    ),
    stop: 'eos',
    policy: 'test',
    ...(reward === undefined ? {} : { reward }),
  };
}

export const right: TraceReward = { value: 1, branch: 'right answer, F1', answer: 'Ada', em: 1, f1: 1 };
export const partly: TraceReward = {
  value: 0.5,
  branch: 'right answer, F1',
  answer: 'Ada L.',
  em: 0,
  f1: 0.5,
};
export const wrong: TraceReward = {
  value: 0.1,
  branch: 'wrong answer, good format',
  answer: 'Bo',
  em: 0,
  f1: 0,
};
export const broken: TraceReward = { value: 0, branch: 'answer tags', em: 0, f1: 0 };
