import type { Detector } from './detector.ts';
import { askedIn } from './reading.ts';
import { plainWords } from './wording.ts';

export const redundantSearch: Detector = {
  name: 'redundant search',
  kind: 'fault',
  definition:
    'A search adds nothing: it asks in the words of an earlier one, in whatever order, or every page it brings had come before.',
  lookFor:
    'It costs tokens and teaches the policy nothing; a rise while the reward stands still is a habit forming.',
  find: (trace) => {
    const asked = new Set<string>();
    const had = new Set<string>();
    return askedIn(trace).flatMap(({ search, query, result }) => {
      const words = plainWords(search.query).sort().join(' ');
      const ids = search.passages.map(({ id }) => id);
      const again = (words !== '' && asked.has(words)) || (ids.length > 0 && ids.every((id) => had.has(id)));
      asked.add(words);
      for (const id of ids) had.add(id);
      return again ? [query ?? result] : [];
    });
  },
};
