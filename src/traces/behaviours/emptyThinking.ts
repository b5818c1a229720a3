import type { Detector } from './detector.ts';
import { functionWords, plainWords } from './wording.ts';

/** Words of thinking that name nothing of what is sought or found, beside the function words. */
export const EMPTY_WORDS: readonly string[] = (
  'i we me my let lets so now then ok okay well hmm yes no know think remember believe guess sure easy look see ' +
  'search searching find answer question first next again more need want go try start begin done ready give gives thing one'
).split(' ');

export const emptyThinking: Detector = {
  name: 'empty thinking',
  kind: 'fault',
  definition: 'A thought is blank, or stock words alone: it names nothing that is sought, found or wrong.',
  lookFor: 'Thought that names its next step and steps that succeed go together; watch both.',
  find: ({ segments }) =>
    segments.flatMap(({ kind, text, closed }, i) => {
      if (kind !== 'think' || !saysNothing(text)) return [];
      // A thought that lost its closing tag is judged by what it says; one that is still being written is not.
      const judged = closed || (text !== '' && i < segments.length - 1);
      return judged ? [i] : [];
    }),
};

const empty = new Set(EMPTY_WORDS);

const saysNothing = (text: string): boolean =>
  plainWords(text).every((word) => empty.has(word) || functionWords.has(word));
