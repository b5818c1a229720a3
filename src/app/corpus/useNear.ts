import { useEffect, useState } from 'react';
import type { CorpusMap, NearFound } from '../store/labState.ts';
import { useApp } from '../store/store.ts';
import { askNear, type NearTo } from '../worker/searching.ts';

interface Answer {
  readonly to: NearTo;
  readonly map: CorpusMap;
  readonly found: readonly NearFound[];
}

/**
 * What lies nearest to queries or passages, in their order; asked again when they or the map change, and undefined until
 * the answer has come. `to` has to be memoised.
 */
export function useNear(to: NearTo, k: number): readonly NearFound[] | undefined {
  const map = useApp((state) => state.lab.map);
  const [answer, setAnswer] = useState<Answer>();
  useEffect(() => {
    if (map === undefined || to.length === 0) return;
    let wanted = true;
    void askNear(to, k).then((found) => {
      if (wanted && found !== undefined) setAnswer({ to, map, found });
    });
    return () => {
      wanted = false;
    };
  }, [map, to, k]);
  return answer?.to === to && answer.map === map ? answer.found : undefined;
}
