import { useEffect, useState } from 'react';
import type { Passage } from '../../retrieval/retriever.ts';
import { askPassages } from '../worker/searching.ts';
import type { Index } from './useIndex.ts';

/** Passages of a kept corpus that are remembered; beyond them all are forgotten, and those in sight read again. */
const MOST = 2048;

/**
 * The passages at these places of the open corpus. Those of a kept corpus are read from file as they are shown, and are
 * undefined until they have come. Use it below a key of the corpus.
 */
export function usePassages(
  { corpus }: Index,
  places: readonly number[],
): (place: number) => Passage | undefined {
  const here = 'passages' in corpus ? corpus.passages : undefined;
  const [read, setRead] = useState<ReadonlyMap<number, Passage>>(new Map());
  const missing = here === undefined ? places.filter((place) => !read.has(place)).join() : '';
  useEffect(() => {
    if (missing === '') return;
    const asked = missing.split(',').map(Number);
    void askPassages(asked).then((found) => {
      if (found === undefined) return;
      setRead((before) => {
        const next = new Map(before.size > MOST ? [] : before);
        found.forEach((passage, i) => next.set(asked[i] ?? -1, passage));
        return next;
      });
    });
  }, [missing]);
  return (place) => (here === undefined ? read.get(place) : here[place]);
}
