import type { Detector } from './detector.ts';
import { answerOf, isRight, tellingSearches } from './reading.ts';

export const ignoredResult: Detector = {
  name: 'ignored result',
  kind: 'fault',
  definition:
    'A page that tells the right answer has come, and it ends with another answer, or by itself with none.',
  lookFor:
    'What is left of it is reading, not searching: the page was there. It should fall as the reward rises.',
  needs: 'golds',
  find: (trace) => {
    const answer = answerOf(trace);
    // One under way or cut at a limit might yet have read it.
    if (answer === undefined && trace.stop !== 'eos') return [];
    if (answer !== undefined && isRight(answer.text, trace.question.golds)) return [];
    return tellingSearches(trace).map(({ resultSegment }) => resultSegment);
  },
};
