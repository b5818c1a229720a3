import type { Detector } from './detector.ts';
import { tellingSearches } from './reading.ts';

export const searchAfterAnswer: Detector = {
  name: 'search after the answer',
  kind: 'fault',
  definition: 'It searches again after a page that tells the right answer has come.',
  lookFor:
    'Some of it is checking; where it grows beside the length of the responses, searches are made for their own sake.',
  needs: 'golds',
  find: (trace) => {
    const [told] = tellingSearches(trace);
    if (told === undefined) return [];
    return trace.segments.flatMap(({ kind }, i) => (kind === 'search' && i > told.resultSegment ? [i] : []));
  },
};
