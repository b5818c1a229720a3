import type { Retriever } from './retriever.ts';

/** Every search is made and finds nothing: for questions without passages, and for recipes that want it so. */
export const emptyRetriever: Retriever = {
  label: 'none (no passages)',
  search: (queries) => Promise.resolve(queries.map(() => [])),
};
