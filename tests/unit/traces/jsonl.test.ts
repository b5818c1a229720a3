import { describe, expect, it } from 'vitest';
import { TraceBuilder } from '../../../src/traces/builder.ts';
import { readTraces, writeTraces } from '../../../src/traces/jsonl.ts';
import type { Trace } from '../../../src/traces/trace.ts';

const TEXTS = [
  '<search>',
  ' q',
  '</search>',
  '<result>',
  ' A: x',
  '</result>',
  '<answer>',
  '</answer>',
  '<|end|>',
];

function sample(): Trace {
  const builder = new TraceBuilder(
    {
      id: 's1/0.0',
      question: { id: 'q1', text: 'Who?', golds: ['x'], hops: 2 },
      prompt: { text: '<|user|> Who?', ids: [1, 2] },
      policy: 'test',
      group: 0,
      rollout: 0,
      seed: 5,
    },
    (ids) => ids.map((id) => TEXTS[id] ?? ''),
  );
  for (const id of [0, 1, 2]) builder.write({ id, logprob: -0.5, entropy: 1.25 });
  const passages = [{ id: 'p', title: 'A', text: 'x', score: 0.75, gold: true }];
  builder.insertResult({ query: 'q', passages }, [3, 4, 5]);
  for (const id of [6, 7, 8]) builder.write({ id, logprob: -0.25, entropy: 0.5 });
  const reward = { value: 0, branch: 'no think', em: 0, f1: 0 } as const;
  return { ...builder.snapshot('eos', 12), reward, advantage: -0.5 };
}

describe('TraceBuilder', () => {
  it('keeps loss mask, logprobs and the segment of each search', () => {
    const trace = sample();
    expect(trace.tokens.generated).toEqual([true, true, true, false, false, false, true, true, true]);
    expect(trace.tokens.logprobs).toEqual([-0.5, -0.5, -0.5, null, null, null, -0.25, -0.25, -0.25]);
    expect(trace.segments.map((segment) => segment.kind)).toEqual(['search', 'result', 'answer', 'text']);
    expect(trace.searches[0]?.resultSegment).toBe(1);
  });

  it('leaves out what the policy cannot tell, and gives snapshots that later tokens do not change', () => {
    const builder = new TraceBuilder(
      { id: 't', question: { id: 'q', text: '', golds: [] }, prompt: { text: '', ids: [] }, policy: 'p' },
      (ids) => ids.map((id) => TEXTS[id] ?? ''),
    );
    builder.write({ id: 0 });
    const before = builder.snapshot('aborted');
    builder.write({ id: 2 });
    expect(before.tokens.ids).toEqual([0]);
    expect(before.tokens).not.toHaveProperty('logprobs');
    expect(before).not.toHaveProperty('milliseconds');
  });
});

describe('traces as JSON Lines', () => {
  it('reads back what it wrote, over blank lines and Windows line ends', () => {
    const traces = [sample(), { ...sample(), id: 'other' }];
    const text = writeTraces(traces);
    expect(readTraces(text, 'a.jsonl')).toEqual(traces);
    expect(readTraces(`\r\n${text.replaceAll('\n', '\r\n\r\n')}`, 'a.jsonl')).toEqual(traces);
  });

  it.each<[string, (line: string) => string, string]>([
    ['broken JSON', (line) => line.slice(0, -1), 'a.jsonl, line 2: not JSON'],
    ['a missing field', (line) => line.replace('"stop":"eos",', ''), 'line 2: field "stop"'],
    ['an unknown reward branch', (line) => line.replace('no think', 'nothing'), 'field "reward.branch"'],
    ['an unknown field', (line) => line.replace('"stop":', '"stopp":1,"stop":'), 'stopp'],
    ['arrays of other lengths', (line) => line.replace('"ids":[0,1,', '"ids":[1,'), 'field "tokens.texts"'],
    ['segments that leave a gap', (line) => line.replace('"start":3', '"start":4'), 'field "segments.1"'],
    [
      'a search of no result',
      (line) => line.replace('"resultSegment":1', '"resultSegment":0'),
      'resultSegment',
    ],
  ])('refuses %s, naming line and field', (_name, spoil, message) => {
    const line = writeTraces([sample()]).trim();
    expect(() => readTraces(`${line}\n${spoil(line)}\n`, 'a.jsonl')).toThrow(message);
  });
});
