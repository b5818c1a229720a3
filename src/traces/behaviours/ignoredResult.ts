import type { Detector } from './detector.ts';
import { answerOf, isRight, tellsAnswer } from './reading.ts';

export const ignoredResult: Detector = {
  name: 'ignored result',
  kind: 'fault',
  definition: 'A page that tells the right answer has come, and it ends with another answer or with none.',
  lookFor:
    'What is left of it is reading, not searching: the page was there. It should fall as the reward rises.',
  needs: 'golds',
  find: (trace) => {
    const { question, searches, stop } = trace;
    const answer = answerOf(trace);
    // A rollout under way has ignored nothing yet.
    if (stop === 'aborted' && answer === undefined) return [];
    if (answer !== undefined && isRight(answer.text, question.golds)) return [];
    return searches.flatMap(({ passages, resultSegment }) =>
      passages.some((page) => tellsAnswer(page, question.golds)) ? [resultSegment] : [],
    );
  },
};
