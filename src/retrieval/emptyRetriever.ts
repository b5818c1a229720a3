import type { Retriever } from './retriever.ts';

/** For questions that came without passages: every search is made, and finds nothing. */
export const emptyRetriever: Retriever = {
  label: 'none (no passages)',
  search: (queries) => Promise.resolve(queries.map(() => [])),
};
