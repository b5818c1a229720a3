import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTraces } from '../../../src/traces/jsonl.ts';
import { bamboogleCsv, hotpotRow } from '../world/readers/sampleFiles.ts';
import { Desk, main } from './terminal.ts';

let desk: Desk;
let passages: string;
beforeAll(async () => {
  desk = await Desk.open();
  passages = await desk.file(
    'mine.md',
    '# Cholwis\n\nCholwis is a book by Mara Tolven.\n\n# Dresk\n\nDresk is a town.\n',
  );
});
afterAll(() => desk.remove());

const evaluate = (...args: readonly string[]): string[] => [
  'evaluate',
  '--model',
  desk.model,
  '--retriever',
  'lexical',
  '--passages',
  passages,
  ...args,
];

describe('evaluate', () => {
  it('refuses passages without questions', async () => {
    expect(await desk.refused(...evaluate())).toMatch(/--passages .*--questions FILE/);
  });

  it('refuses a file of which no question can be read, naming file and line', async () => {
    const questions = await desk.file(
      'asked.jsonl',
      '{"question": "Who?", "golds": []}\n{"golds": ["Mara"]}\n',
    );
    expect(await desk.refused(...evaluate('--questions', questions))).toMatch(
      /^evaluate: asked\.jsonl, line 1: row 1 left out: it needs "question" and a list "golds".*\nasked\.jsonl, line 2: /,
    );
  });

  it('refuses a file that holds no questions, by what it looks like', async () => {
    const page = await desk.file('hotpot.json', '<!doctype html><title>Not found</title>');
    expect(await desk.refused(...evaluate('--questions', page))).toMatch(
      /^evaluate: hotpot\.json: it looks like a web page.*Expected are questions of HotpotQA/,
    );
  });

  it('refuses a trained policy that it cannot read', async () => {
    const questions = await desk.file('asked.jsonl', '{"question": "Who?", "golds": ["Mara"]}\n');
    const policy = await desk.file('trained.safetensors', 'not weights');
    expect(await desk.refused(...evaluate('--questions', questions, '--policy', policy))).toMatch(
      /^evaluate: trained\.safetensors: /m,
    );
  });

  it('refuses a method and a set that there are not, with those that there are', async () => {
    expect(await desk.refused('evaluate', '--methods', 'self-rag')).toMatch(
      /^evaluate: --methods self-rag: choose of naive-generation, .*research\n$/,
    );
    expect(await desk.refused('evaluate', '--model', desk.model, '--sets', 'triviaqa')).toMatch(
      /^evaluate: --sets triviaqa: Generated world 1 has no such questions; it has musique, hotpotqa, 2wiki, bamboogle/,
    );
    expect(
      await desk.refused(
        'evaluate',
        '--model',
        desk.model,
        '--retriever',
        'lexical',
        '--methods',
        'research',
      ),
    ).toMatch(/--methods research: .* has no trained checkpoint; give --policy PATH/);
  });

  it('asks one’s own questions over one’s own passages', async () => {
    const questions = await desk.file(
      'asked.jsonl',
      '{"question": "Who wrote Cholwis?", "golds": ["Mara Tolven"]}\n',
    );
    const { code, stderr } = await main(
      ...evaluate('--questions', questions, '--threads', '1', '--json', desk.json),
    );
    expect(code, stderr).toBe(0);
    const row = z.object({
      method: z.string(),
      set: z.string(),
      n: z.literal(1),
      em: z.number(),
      f1: z.number(),
      searches: z.number(),
      ci95: z.tuple([z.number(), z.number()]),
    });
    const { rows } = z.object({ rows: z.array(row), backend: z.string() }).parse(await desk.readJson());
    // All methods but the one whose policy the folder lacks.
    expect(stderr).toMatch(/research is left out: .* has no trained checkpoint/);
    expect(rows.map(({ method, set }) => [method, set])).toEqual(
      ['naive-generation', 'naive-rag', 'iter-retgen', 'ircot', 'research-untrained'].map((method) => [
        method,
        'own',
      ]),
    );
    const searches = Object.fromEntries(rows.map((of) => [of.method, of.searches]));
    expect(searches).toMatchObject({ 'naive-generation': 0, 'naive-rag': 1, 'iter-retgen': 3 });
  });

  it('asks chosen methods of chosen sets in a generated world, and writes every transcript', async () => {
    const traces = join(desk.root, 'out', 'traces.jsonl');
    const { code, stderr } = await main(
      ...['evaluate', '--model', desk.model, '--retriever', 'lexical', '--threads', '1', '--n', '3'],
      ...['--methods', 'naive-rag, research-untrained', '--sets', 'musique,2wiki', '--world-seed', '7'],
      ...['--sampled', '--baseline-passages', '2', '--traces', traces, '--json', desk.json],
    );
    expect(code, stderr).toBe(0);
    expect(await desk.readJson()).toMatchObject({
      world: { seed: 7 },
      rows: [
        { method: 'naive-rag', set: 'musique', n: 3, searches: 1 },
        { method: 'research-untrained', set: 'musique', n: 3, emSampled: expect.any(Number) as number },
        { method: 'naive-rag', set: '2wiki', n: 3 },
        { method: 'research-untrained', set: '2wiki', n: 3 },
      ],
    });
    const written = readTraces(await readFile(traces, 'utf8'), 'traces.jsonl');
    expect(written.map(({ method, question }) => `${method ?? 'free'} ${question.set ?? ''}`)).toEqual(
      ['naive-rag musique', 'free musique', 'naive-rag 2wiki', 'free 2wiki'].flatMap((of) => [of, of, of]),
    );
    expect(written[0]?.searches[0]?.passages.length).toBeLessThanOrEqual(2);
  });

  it('asks as many questions about the real countries as it is told to', async () => {
    const { code, stderr } = await main(
      ...['evaluate', '--model', desk.model, '--retriever', 'lexical', '--threads', '1', '--n', '6'],
      ...['--world', 'countries', '--methods', 'naive-rag', '--json', desk.json],
    );
    expect(code, stderr).toBe(0);
    // Of five, four have two hops.
    expect(await desk.readJson()).toMatchObject({
      rows: [{ method: 'naive-rag', set: 'countries', n: 6, byHops: { 2: { n: 5 }, 3: { n: 1 } } }],
    });
  });

  it('asks a test set’s file over its own paragraphs, and names the rows left out', async () => {
    const rows = [hotpotRow, { ...hotpotRow, answer: '' }, { ...hotpotRow, _id: '5a2' }];
    const questions = await desk.file('dev.txt', JSON.stringify(rows));
    const { code, stderr } = await main(
      ...['evaluate', '--model', desk.model, '--retriever', 'lexical', '--threads', '1'],
      ...['--questions', questions, '--methods', 'research-untrained', '--json', desk.json],
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/dev\.txt, line 1: row 2 left out: it has no answer/);
    expect(await desk.readJson()).toMatchObject({
      retriever: 'BM25',
      world: { name: 'dev.txt', passages: hotpotRow.context.length },
      file: { layout: 'HotpotQA', set: 'hotpotqa', rows: 3, questions: 2, leftOut: [expect.any(String)] },
      rows: [{ method: 'research-untrained', set: 'hotpotqa', n: 2, byHops: { 2: { n: 2 } } }],
    });
  });

  it('says that questions without paragraphs find nothing, and searches in --passages where given', async () => {
    const questions = await desk.file('bamboogle.csv', bamboogleCsv);
    const asked = [
      ...['evaluate', '--model', desk.model, '--retriever', 'lexical', '--threads', '1'],
      ...['--questions', questions, '--n', '2', '--methods', 'naive-rag', '--json', desk.json],
    ];
    const { code, stderr } = await main(...asked);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/bamboogle\.csv: no paragraphs in it, so every search finds nothing/);
    expect(await desk.readJson()).toMatchObject({
      retriever: 'none (no passages)',
      rows: [{ set: 'bamboogle', n: 2, searches: 1 }],
    });
    const given = await main(...asked, '--passages', passages);
    expect(given.code, given.stderr).toBe(0);
    expect(given.stderr).not.toMatch(/finds nothing/);
    expect(await desk.readJson()).toMatchObject({ retriever: 'BM25', world: { passages: 2 } });
  });
});
