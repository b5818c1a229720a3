import { useEffect, useMemo } from 'react';
import { nameOf, type PassageOutline } from '../../lab/keeping/passageOutline.ts';
import { passageKind } from '../../world/passageKind.ts';
import type { CorpusMap, LabCorpus } from '../store/labState.ts';
import { useApp } from '../store/store.ts';
import { openMap } from '../worker/searching.ts';
import { middles, type KindMiddle } from './camera.ts';
import { useGrowingMap } from './useGrowingMap.ts';

/** The open corpus with what the views of it share. Passages are meant by their places in it. */
export interface Index extends PassageOutline {
  readonly corpus: LabCorpus;
  readonly map: CorpusMap | undefined;
  /** Where the kinds lie on the map. */
  readonly middles: readonly KindMiddle[];
  readonly placeOf: ReadonlyMap<string, number>;
}

/** Opens the page's corpus, with the engine where need be; undefined until it is there. */
export function useIndex(): Index | undefined {
  const wanted = useApp((state) => state.corpus);
  const own = useApp((state) => state.own);
  const kept = useApp((state) => state.kept);
  const worldSeed = useApp((state) => state.recipe.worldSeed);
  const current = useApp((state) => state.corpusId);
  const corpus = useApp((state) => state.lab.corpus);
  const map = useApp((state) => state.lab.map);
  const mapped = map !== undefined;
  useEffect(() => {
    const isThere = wanted === 'own' ? own : wanted === 'kept' ? kept : wanted;
    if (isThere !== undefined) void openMap();
    // A new embedding model takes the old map away.
  }, [wanted, own, kept, worldSeed, current, mapped]);
  useGrowingMap();
  const open = corpus !== undefined && corpus.id === current ? corpus : undefined;
  const words = useMemo(() => {
    if (open === undefined) return undefined;
    const outline = outlineOf(open);
    return { corpus: open, ...outline, placeOf: new Map(outline.ids.map((id, i) => [id, i])) };
  }, [open]);
  // Apart from the words, which stay as they are when a growing index is mapped again.
  return useMemo(
    () => words && { ...words, map, middles: map === undefined ? [] : middles(map.at, words.kinds) },
    [words, map],
  );
}

const outlineOf = (corpus: LabCorpus): PassageOutline =>
  'outline' in corpus
    ? corpus.outline
    : {
        ids: corpus.passages.map(({ id }) => id),
        titles: corpus.passages.map(nameOf),
        kinds: corpus.passages.map(passageKind),
      };
