import MiniSearch from 'minisearch';
import type { Passage, RetrievedPassage, Retriever } from './retriever.ts';

/** A word in the title says more about what a passage is than a word in its text. */
const TITLE_BOOST = 2;

/** Words nearly every passage has: they cost time and rank nothing. */
const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  (
    'a an and are as at be been but by did do does for from had has have he her his how i in is it its of on or she ' +
    'that the their them they this to was were what when where which who whom whose why will with'
  ).split(' '),
);

interface IndexedPassage {
  readonly row: number;
  readonly title: string;
  readonly text: string;
}

/**
 * BM25+ over title and text (MiniSearch), the title counted twice. Exact words only: no prefixes, no
 * fuzziness, no English function words.
 * Passages that share no word with the query are not returned, so a result may hold fewer than k.
 * Ties keep the order of `passages`.
 */
export function createLexicalRetriever(passages: readonly Passage[]): Retriever {
  const index = new MiniSearch<IndexedPassage>({
    idField: 'row',
    fields: ['title', 'text'],
    processTerm: (term) => {
      const word = term.toLowerCase();
      return FUNCTION_WORDS.has(word) ? null : word;
    },
    searchOptions: { boost: { title: TITLE_BOOST }, prefix: false, fuzzy: false },
  });
  index.addAll(passages.map(({ title, text }, row) => ({ row, title, text })));

  const searchOne = (query: string, k: number): RetrievedPassage[] =>
    index
      .search(query)
      .map(({ id, score }) => ({ row: Number(id), score }))
      .sort((a, b) => b.score - a.score || a.row - b.row)
      .slice(0, k)
      .map(({ row, score }) => ({ passage: passages[row]!, score }));

  return {
    label: 'BM25',
    search(queries, k) {
      const seen = new Map<string, RetrievedPassage[]>();
      const results = queries.map((query) => {
        const found = seen.get(query) ?? searchOne(query, k);
        seen.set(query, found);
        return [...found];
      });
      return Promise.resolve(results);
    },
  };
}
