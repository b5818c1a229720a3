import type { MethodName } from '../../research/methodNames.ts';

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
