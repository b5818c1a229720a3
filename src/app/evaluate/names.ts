import type { MethodName } from '../../research/methodNames.ts';
import type { QuestionSet } from '../../world/types.ts';

export const methodLabels: Readonly<Record<MethodName, string>> = {
  'naive-generation': 'Naive generation',
  'naive-rag': 'Naive RAG',
  'iter-retgen': 'Iter-RetGen',
  ircot: 'IRCoT',
  'research-untrained': 'ReSearch, untrained',
  research: 'ReSearch',
};

export const methodWords: Readonly<Record<MethodName, string>> = {
  'naive-generation': 'answers at once',
  'naive-rag': 'reads three pages, then answers',
  'iter-retgen': 'three rounds of reading and thinking',
  ircot: 'searches by each thought',
  'research-untrained': 'the format, before any reward',
  research: 'the same after training',
};

/** What the questions of a set are like; the set's name alone says that to few. */
export const setWords: Readonly<Partial<Record<QuestionSet, string>>> = {
  musique: '2 to 4 hops in a chain',
  hotpotqa: '2 hops; a fifth compares',
  '2wiki': 'chains, kin, comparisons',
  bamboogle: '2 hops, in other words',
  countries: 'real facts, never trained on',
};
