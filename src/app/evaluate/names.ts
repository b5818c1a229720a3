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

const setLabels: Readonly<Partial<Record<QuestionSet, string>>> = {
  musique: 'MuSiQue',
  hotpotqa: 'HotpotQA',
  '2wiki': '2Wiki',
  bamboogle: 'Bamboogle',
  countries: 'Countries',
};

export const setLabel = (set: QuestionSet): string => setLabels[set] ?? set;
