import { describe, expect, it } from 'vitest';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';

const passages = [
  { id: 'a', title: 'Harbour', text: 'A harbour by the sea, near Elm.' },
  { id: 'b', title: 'Elm', text: 'A tree of the north.' },
  { id: 'c', title: 'Elm', text: 'A town of the north.' },
  { id: 'd', title: 'Oak', text: 'A tree of the south.' },
];
const ids = (found: readonly { passage: { id: string } }[][]) =>
  found.map((row) => row.map(({ passage }) => passage.id));

describe('createLexicalRetriever', () => {
  const retriever = createLexicalRetriever(passages);

  it('puts a word in the title above one in the text, and equal passages in their order', async () => {
    expect(ids(await retriever.search(['elm', 'elm town'], 4))).toEqual([
      ['b', 'c', 'a'],
      ['c', 'b', 'a'],
    ]);
  });

  it('returns nothing without a shared word, function words not counting', async () => {
    expect(ids(await retriever.search(['xylophone', 'the of', ''], 3))).toEqual([[], [], []]);
  });

  it('answers a query the same alone and in a batch, best first, at most k', async () => {
    const queries = ['tree north', 'sea', 'tree north', 'Oak'];
    const batch = await retriever.search(queries, 2);
    for (const [i, query] of queries.entries())
      expect([batch[i]]).toEqual(await retriever.search([query], 2));
    for (const row of batch) {
      expect(row.length).toBeLessThanOrEqual(2);
      expect(row.map(({ score }) => score)).toEqual(row.map(({ score }) => score).sort((a, b) => b - a));
    }
  });
});
