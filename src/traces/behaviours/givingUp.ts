import type { Detector } from './detector.ts';
import { answerOf } from './reading.ts';
import { standsIn } from './wording.ts';

/** What an answer says that is none. */
export const NO_ANSWER_PHRASES: readonly string[] = [
  'unknown',
  'i do not know',
  'i dont know',
  'not known',
  'no answer',
  'not found',
  'cannot be determined',
  'cannot be found',
  'cannot answer',
];

export const givingUp: Detector = {
  name: 'giving up',
  kind: 'fault',
  definition:
    'It ends by itself without an answer, or answers that it does not know; one cut off at a limit has not given up.',
  lookFor: 'A refusal earns nothing, so training drives it out; where it stays, look for broken tags.',
  find: (trace) => {
    const answer = answerOf(trace);
    if (answer !== undefined) {
      return NO_ANSWER_PHRASES.some((phrase) => standsIn(phrase, answer.text)) ? [answer.segment] : [];
    }
    return trace.stop === 'eos' && trace.segments.length > 0 ? [trace.segments.length - 1] : [];
  },
};
