import { useEffect } from 'react';
import { indexedSoFar } from '../store/keepingState.ts';
import { sizeOfCorpus } from '../store/labState.ts';
import { useApp } from '../store/store.ts';
import { drawMapAgain } from '../worker/searching.ts';

/** An index that grew by this much is mapped again. */
const growth = 1.5;

/** Draws the map of an index that is being made again as it grows, and when it is whole. */
export function useGrowingMap(): void {
  const shown = useApp(({ corpus, kept, keeping }) => {
    const soFar =
      corpus === 'kept' && kept !== undefined ? indexedSoFar(keeping, kept.corpus, kept.model) : undefined;
    return soFar?.done ?? 0;
  });
  const whole = useApp(({ lab }) => lab.corpus && sizeOfCorpus(lab.corpus));
  const mapped = useApp(({ lab }) => lab.map && lab.map.at.length / 2);
  const due = mapped !== undefined && shown > mapped && (shown === whole || shown >= growth * mapped);
  useEffect(() => {
    if (due) drawMapAgain();
  }, [due, mapped]);
}
