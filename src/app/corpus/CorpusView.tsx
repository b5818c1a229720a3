import { useMemo, useState } from 'react';
import { Figure } from '../components/figure/Figure.tsx';
import { counted, grouped, percent } from '../components/format.ts';
import { CorpusBar } from '../components/passages/CorpusBar.tsx';
import { Segmented } from '../components/Segmented.tsx';
import { ViewFrame } from '../components/ViewFrame.tsx';
import { useApp } from '../store/store.ts';
import { FindPanel } from './FindPanel.tsx';
import { Kinds } from './Kinds.tsx';
import type { MapScene, MapSearch } from './mapDrawing.ts';
import { PassageCard } from './PassageCard.tsx';
import { PassageList } from './PassageList.tsx';
import { PassageMap } from './PassageMap.tsx';
import { PathPanel } from './PathPanel.tsx';
import { useIndex, type Index } from './useIndex.ts';
import { useNear } from './useNear.ts';
import { usePath } from './usePath.ts';
import styles from './CorpusView.module.css';

/** What can be searched: a map of the index, a question’s way across it, what lies near what. */
export default function CorpusView() {
  const index = useIndex();
  return (
    <ViewFrame
      title="What a search can find, and where it lands."
      about="Every passage is a vector, and a search brings the passages whose vectors are nearest to its own. The map shows the two directions in which the passages differ most."
    >
      <CorpusBar />
      {index === undefined ? <Opening /> : <Opened key={index.corpus.id} index={index} />}
    </ViewFrame>
  );
}

function Opening() {
  const run = useApp((state) => state.lab.run);
  const needsOwn = useApp(
    ({ corpus, own, kept }) =>
      (corpus === 'own' && own === undefined) || (corpus === 'kept' && kept === undefined),
  );
  const progress = useApp((state) => state.lab.progress?.what);
  if (needsOwn) return null;
  if (run === 'failed')
    return <p className={styles.wait}>The engine could not be loaded; the notice above says why.</p>;
  return (
    <p className={styles.wait} role="status">
      {progress === undefined ? 'Opening the index…' : `Loading: ${progress}…`}
    </p>
  );
}

const modes = [
  { value: 'path', label: 'Follow a question' },
  { value: 'find', label: 'Search' },
] as const;

/** Passages nearest to a search or to a passage that are looked for. */
const searched = 8;
const neighbours = 6;

function Opened({ index }: { readonly index: Index }) {
  const find = useApp((state) => state.find);
  const passage = useApp((state) => state.passage);
  const setView = useApp((state) => state.setView);
  const chosenMode = useApp((state) => state.onMap);
  const [kind, setKind] = useState<string>();
  const path = usePath(index);
  const mode = chosenMode ?? (find !== '' || path.question === undefined ? 'find' : 'path');

  const queries = useMemo(
    () => (mode === 'find' ? (find === '' ? [] : [find]) : path.searches).map((query) => ({ query })),
    [mode, find, path.searches],
  );
  const found = useNear(queries, searched);
  const place = passage === undefined ? undefined : index.placeOf.get(passage);
  const around = useMemo(
    () => (passage === undefined || place === undefined ? [] : [{ passage }]),
    [passage, place],
  );
  const near = useNear(around, neighbours)?.[0];

  const scene = useMemo((): Omit<MapScene, 'hovered'> | undefined => {
    if (index.map === undefined) return undefined;
    const placed = (ids: readonly { readonly id: string }[]): number[] =>
      ids.flatMap(({ id }) => index.placeOf.get(id) ?? []);
    const searches: MapSearch[] = (found ?? []).map(({ at, passages }, hop) => ({
      at,
      name: mode === 'path' ? String(hop + 1) : '',
      found: placed(passages.slice(0, mode === 'path' ? 1 : 3)),
    }));
    const chain = mode === 'path' ? (path.question?.chain ?? []) : [];
    return {
      at: index.map.at,
      titles: index.titles,
      kinds: index.kinds,
      middles: index.middles,
      searches,
      gold: placed(chain.map(({ passageId }) => ({ id: passageId }))),
      chosen: place,
      near: placed(near?.passages ?? []),
      kind,
    };
  }, [index, found, mode, path.question, place, near, kind]);

  const mapped = index.map && index.map.at.length / 2;
  const sample = index.map?.sample;
  return (
    <>
      <div className={styles.two}>
        <Figure
          name="corpus-map"
          caption={
            <h2>
              Map of the index{' '}
              <em>
                {mapped === undefined || mapped === index.titles.length
                  ? counted(index.titles.length, 'passage', 'passages')
                  : `${grouped(mapped)} of ${grouped(index.titles.length)} passages`}
                {index.map !== undefined &&
                  `; the map holds ${percent(index.map.shares[0] + index.map.shares[1])} of how they differ, so near on it can be far in the index`}
                {sample !== undefined &&
                  mapped !== undefined &&
                  sample < mapped &&
                  `. Its directions are those of every ${Math.round(mapped / sample)}th passage`}
              </em>
            </h2>
          }
          table={() => ({
            columns: ['id', 'title', 'kind', 'x', 'y'],
            rows: index.ids.map((id, i) => [
              id,
              index.titles[i] ?? null,
              index.kinds[i] ?? null,
              index.map?.at[2 * i] ?? null,
              index.map?.at[2 * i + 1] ?? null,
            ]),
          })}
        >
          {scene === undefined ? (
            <p className={styles.awaited} role="status">
              Embedding the passages…
            </p>
          ) : (
            <PassageMap
              scene={scene}
              label="Map of the passages. Arrows move it, plus and minus zoom, 0 shows all, Enter chooses the passage in the middle."
              onChoose={(at) => setView({ passage: at === undefined ? undefined : index.ids[at] })}
            />
          )}
          <Kinds kinds={index.kinds} chosen={kind} onChoose={setKind} path={mode === 'path'} />
        </Figure>
        <aside aria-label="What was found">
          <div className={styles.modes}>
            <Segmented
              label="What to show on the map"
              value={mode}
              options={modes}
              onChange={(onMap) => setView({ onMap })}
            />
          </div>
          {mode === 'find' ? (
            <FindPanel index={index} found={found?.[0]} />
          ) : (
            <PathPanel index={index} path={path} found={found} />
          )}
          {place !== undefined && <PassageCard index={index} place={place} near={near} />}
        </aside>
      </div>
      <PassageList index={index} kind={kind} />
    </>
  );
}
