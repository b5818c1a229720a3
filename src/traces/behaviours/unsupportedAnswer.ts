import type { Detector } from './detector.ts';
import { answerOf, isYesOrNo, pageText } from './reading.ts';
import { standsIn } from './wording.ts';

export const unsupportedAnswer: Detector = {
  name: 'unsupported answer',
  kind: 'fault',
  definition:
    'It answers with something that stands in none of its results, or without having searched; yes and no are not judged.',
  lookFor:
    'A guess, or a name misspelt on the way; the first should vanish early in training, the second lingers.',
  find: (trace) => {
    const answer = answerOf(trace);
    if (answer === undefined || isYesOrNo(answer.text)) return [];
    const results = [
      ...trace.searches.flatMap(({ passages }) => passages.map(pageText)),
      ...trace.segments.filter(({ kind }) => kind === 'result').map(({ text }) => text),
    ];
    return results.some((text) => standsIn(answer.text, text)) ? [] : [answer.segment];
  },
};
