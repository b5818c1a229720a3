import type { TracePassage } from '../trace.ts';
import type { Detector } from './detector.ts';
import { askedIn, newGold } from './reading.ts';
import { functionWords, plainWords } from './wording.ts';

export const bridgeFound: Detector = {
  name: 'bridge found',
  kind: 'skill',
  definition:
    'It reads a name off a page of the gold chain that the question does not give, asks for that name, and gets a further page of the chain.',
  lookFor:
    'A question of several hops cannot be answered by its pages without it: it should rise with the reward.',
  needs: 'gold pages',
  find: (trace) => {
    const gold = newGold(trace.searches);
    const inQuestion = new Set(plainWords(trace.question.text));
    const learnt = new Set<string>();
    for (const [i, { search, query, result }] of askedIn(trace).entries()) {
      const pages = gold[i] ?? [];
      // The page of the name itself counts however the query misspelt it.
      const asked = plainWords([search.query, ...pages.map(({ title }) => title)].join(' '));
      if (pages.length > 0 && query !== undefined && asked.some((word) => learnt.has(word))) {
        return [query, result];
      }
      for (const word of pages.flatMap(nameWords)) if (!inQuestion.has(word)) learnt.add(word);
    }
    return [];
  },
};

/** Words of a page that are written with a capital, as names are, in the plain form. */
function nameWords({ title, text }: TracePassage): string[] {
  const capitals = `${title}\n${text}`.match(/(?<![\p{L}\p{M}\p{N}])\p{Lu}[\p{L}\p{M}\p{N}'’]*/gu) ?? [];
  return capitals.flatMap(plainWords).filter((word) => word.length > 1 && !functionWords.has(word));
}
