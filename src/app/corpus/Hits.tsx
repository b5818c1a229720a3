import { fixed } from '../components/format.ts';
import { passageBody } from '../components/passageBody.ts';
import { useApp } from '../store/store.ts';
import type { Index } from './useIndex.ts';
import { usePassages } from './usePassages.ts';
import styles from './Hits.module.css';

interface HitsProps {
  readonly index: Index;
  /** Best first; undefined while they are looked for. */
  readonly hits: readonly { readonly id: string; readonly score: number }[] | undefined;
  readonly gold?: string | undefined;
  /** How many will come: they have their place while they are looked for. */
  readonly awaited?: number;
}

/** Of a passage of two lines, in pixels. */
const rowHeight = 58;

const places = ({ placeOf }: Index, hits: HitsProps['hits'] = []): number[] =>
  hits.flatMap(({ id }) => placeOf.get(id) ?? []);

/** Passages by their nearness, each with a bar of its cosine; a press chooses it. */
export function Hits({ index, hits, gold, awaited = 0 }: HitsProps) {
  const chosen = useApp((state) => state.passage);
  const setView = useApp((state) => state.setView);
  const passageAt = usePassages(index, places(index, hits));
  if (hits === undefined || places(index, hits).some((place) => passageAt(place) === undefined)) {
    return (
      <p className={styles.wait} style={{ minHeight: awaited * rowHeight }}>
        Looking…
      </p>
    );
  }
  return (
    <ol className={styles.hits}>
      {hits.map(({ id, score }) => {
        const passage = passageAt(index.placeOf.get(id) ?? -1);
        if (passage === undefined) return null;
        return (
          <li key={id}>
            <button type="button" aria-pressed={id === chosen} onClick={() => setView({ passage: id })}>
              <span className={styles.text}>
                {id === gold && <em>gold</em>}
                {passage.title !== '' && <b>{passage.title}</b>}
                {passageBody(passage)}
              </span>
              <span className={styles.score}>
                {fixed(score)}
                <i style={{ width: `${Math.max(0, Math.min(1, score)) * 100}%` }} />
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
