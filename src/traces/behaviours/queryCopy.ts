import type { Detector } from './detector.ts';
import { functionWords, plainWords } from './wording.ts';

export const queryCopy: Detector = {
  name: 'query copy',
  kind: 'fault',
  definition:
    'A query is the question over again, or a stretch of its sentence, where it should ask for one thing by its name.',
  lookFor:
    'The question names several things at once, so its own words seldom find one page; training should wear it off.',
  find: ({ question, segments }) =>
    segments.flatMap(({ kind, text }, i) => (kind === 'search' && copies(text, question.text) ? [i] : [])),
};

/** Fewest words of the question in a row that make a copy; fewest of them that belong to no name. */
const STRETCH = 4;
const SENTENCE_WORDS = 2;

function copies(query: string, question: string): boolean {
  const asked = plainWords(query);
  const words = sentenceOf(question);
  for (let start = 0; start < words.length; start++) {
    for (let at = 0; at < asked.length; at++) {
      let length = 0;
      while (words[start + length] !== undefined && words[start + length]?.word === asked[at + length])
        length++;
      if (length < STRETCH) continue;
      const ownWords = words.slice(start, start + length).filter(({ name }) => !name);
      if (ownWords.length >= SENTENCE_WORDS) return true;
    }
  }
  return false;
}

/**
 * Words of the question, and which of them are a name's or could be part of one: those with a capital, but for the
 * first, and small words like “of”.
 */
function sentenceOf(question: string): { word: string; name: boolean }[] {
  return question.split(/\s+/u).flatMap((written, i) =>
    plainWords(written).map((word) => ({
      word,
      name: (i > 0 && /^[^\p{L}]*\p{Lu}/u.test(written)) || functionWords.has(word),
    })),
  );
}
