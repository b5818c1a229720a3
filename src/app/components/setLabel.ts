import type { QuestionSet } from '../../world/types.ts';

const setLabels: Readonly<Partial<Record<QuestionSet, string>>> = {
  musique: 'MuSiQue',
  hotpotqa: 'HotpotQA',
  '2wiki': '2Wiki',
  bamboogle: 'Bamboogle',
  countries: 'Countries',
};

/** A set's name as people write it. */
export const setLabel = (set: QuestionSet): string => setLabels[set] ?? set;
