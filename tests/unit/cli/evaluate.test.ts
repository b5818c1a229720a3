import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
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
    expect(rows.map(({ method, set }) => [method, set])).toEqual([['research-untrained', 'own']]);
  });

  it('asks a test set’s file over its own paragraphs, and names the rows left out', async () => {
    const rows = [hotpotRow, { ...hotpotRow, answer: '' }, { ...hotpotRow, _id: '5a2' }];
    const questions = await desk.file('dev.txt', JSON.stringify(rows));
    const { code, stderr } = await main(
      ...['evaluate', '--model', desk.model, '--retriever', 'lexical', '--threads', '1'],
      ...['--questions', questions, '--json', desk.json],
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/dev\.txt, line 1: row 2 left out: it has no answer/);
    expect(await desk.readJson()).toMatchObject({
      retriever: 'BM25',
      world: { name: 'dev.txt', passages: hotpotRow.context.length },
      file: { layout: 'HotpotQA', set: 'hotpotqa', rows: 3, questions: 2, leftOut: [expect.any(String)] },
      rows: [{ method: 'research-untrained', set: 'hotpotqa', n: 2, emByHops: { 2: { n: 2 } } }],
    });
  });

  it('says that questions without paragraphs find nothing, and searches in --passages where given', async () => {
    const questions = await desk.file('bamboogle.csv', bamboogleCsv);
    const asked = [
      ...['evaluate', '--model', desk.model, '--retriever', 'lexical', '--threads', '1'],
      ...['--questions', questions, '--n', '2', '--json', desk.json],
    ];
    const { code, stderr } = await main(...asked);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/bamboogle\.csv: no paragraphs in it, so every search finds nothing/);
    expect(await desk.readJson()).toMatchObject({
      retriever: 'none (no passages)',
      rows: [{ set: 'bamboogle', n: 2 }],
    });
    const given = await main(...asked, '--passages', passages);
    expect(given.code, given.stderr).toBe(0);
    expect(given.stderr).not.toMatch(/finds nothing/);
    expect(await desk.readJson()).toMatchObject({ retriever: 'BM25', world: { passages: 2 } });
  });
});
