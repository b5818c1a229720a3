import { describe, expect, it } from 'vitest';
import { NANO_FORMAT } from '../../../src/research/format.ts';
import { rowOf } from '../../../src/research/methodRows.ts';
import { methodNames } from '../../../src/research/methodNames.ts';
import { evaluateMethods, type MethodOptions } from '../../../src/research/methods.ts';
import type { Question } from '../../../src/world/types.ts';
import { QUESTION, ScriptedPolicy, ScriptedRetriever, type Script } from './scriptedPolicy.ts';

const QUESTIONS: readonly Question[] = [
  QUESTION,
  { ...QUESTION, id: 'q2', hops: 2, golds: ['nobody'] },
  { ...QUESTION, id: 'q3', set: 'bamboogle' },
];

/** Fills the boxes and thoughts of the baselines; without an opening, searches once and answers. */
const script =
  (answer: string): Script =>
  (prompt) =>
    prompt.endsWith('{')
      ? [` ${answer}}</answer>`]
      : prompt.endsWith('<think>')
        ? [' So the answer is it.</think>', ` ${answer}}</answer>`]
        : [
            '<think> who wrote it</think><search> the book</search>',
            `<answer>\\boxed{ ${answer}}</answer><|end|>`,
          ];

const untrained = new ScriptedPolicy(script('a film'));
const trained = new ScriptedPolicy(script('Mara Tolven'));

const OPTIONS: MethodOptions = {
  methods: methodNames,
  format: NANO_FORMAT,
  seed: 1,
  rollout: { passages: 1, maxTokens: 300, maxSearches: 0 },
  baseline: { positions: 1024 },
  slots: 4,
  sampled: false,
};

describe('evaluateMethods', () => {
  it('asks every method of every set, baselines of the untrained policy', async () => {
    const told: string[] = [];
    const cells = await evaluateMethods({ untrained, trained }, new ScriptedRetriever(), QUESTIONS, {
      ...OPTIONS,
      onCell: ({ row }) => told.push(`${row.method} ${row.set}`),
    });
    expect(cells.map(({ row }) => `${row.method} ${row.set}`)).toEqual(
      ['musique', 'bamboogle'].flatMap((set) => methodNames.map((method) => `${method} ${set}`)),
    );
    expect(told).toHaveLength(12);
    const rows = Object.fromEntries(
      cells.filter(({ row }) => row.set === 'musique').map(({ row }) => [row.method, row]),
    );
    const searches = methodNames.map((method) => rows[method]?.searches);
    expect(searches).toEqual([0, 1, 3, 1, 1, 1]);
    expect(methodNames.map((method) => rows[method]?.em)).toEqual([0, 0, 0, 0, 0, 0.5]);
    for (const { row, traces } of cells) expect(traces).toHaveLength(row.n);
  });

  it('tells how far each cell is', async () => {
    const seen: unknown[] = [];
    await evaluateMethods({ untrained }, new ScriptedRetriever(), QUESTIONS, {
      ...OPTIONS,
      methods: ['naive-rag'],
      onProgress: (cell, done, total) => seen.push([cell, done, total]),
    });
    expect(seen).toEqual([
      [{ method: 'naive-rag', set: 'musique' }, 1, 2],
      [{ method: 'naive-rag', set: 'musique' }, 2, 2],
      [{ method: 'naive-rag', set: 'bamboogle' }, 1, 1],
    ]);
  });

  it('breaks off with the reason, keeping the cells told by then', async () => {
    const controller = new AbortController();
    const told: string[] = [];
    const broken = evaluateMethods({ untrained }, new ScriptedRetriever(), QUESTIONS, {
      ...OPTIONS,
      methods: ['naive-rag', 'ircot'],
      signal: controller.signal,
      onCell: ({ row }) => {
        told.push(row.method);
        controller.abort(new Error('Stopped.'));
      },
    });
    await expect(broken).rejects.toThrow('Stopped.');
    expect(told).toEqual(['naive-rag']);
  });

  it('cannot ask research without a trained policy', async () => {
    const asked = evaluateMethods({ untrained }, new ScriptedRetriever(), QUESTIONS, {
      ...OPTIONS,
      methods: ['research'],
    });
    await expect(asked).rejects.toThrow('there is no trained policy');
  });
});

describe('a row', () => {
  it('counts by hops, with an interval for each', async () => {
    const [cell] = await evaluateMethods({ untrained, trained }, new ScriptedRetriever(), QUESTIONS, {
      ...OPTIONS,
      methods: ['research'],
    });
    expect(cell?.row.byHops).toMatchObject({
      1: { n: 1, em: 1, f1: 1, ci95: [1, 1] },
      2: { n: 1, em: 0, f1: 0, ci95: [0, 0] },
    });
    const [low = 1, high = 0] = cell?.row.ci95 ?? [];
    expect(low).toBe(0);
    expect(high).toBe(1);
    // One search whatever the hops.
    expect(cell?.row.searchesByHops).toBeNull();
    // The same answers, the same interval.
    const again = cell && rowOf('research', 'musique', cell.traces, 1);
    expect(again?.ci95).toEqual(cell?.row.ci95);
  });
});
