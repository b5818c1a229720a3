import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
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

  it('refuses a file of questions, naming file and line', async () => {
    const questions = await desk.file(
      'asked.jsonl',
      '{"question": "Who?", "golds": ["Mara"]}\n{"question": "Who?"}\n',
    );
    expect(await desk.refused(...evaluate('--questions', questions))).toMatch(
      /^evaluate: asked\.jsonl, line 2: needs "question" and a list "golds"/,
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
    expect(rows.map(({ method }) => method)).toEqual(['research-untrained']);
  });
});
