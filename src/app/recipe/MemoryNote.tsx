import { useEffect, useState } from 'react';
import { bytesText } from '../components/models/bytes.ts';
import { useApp } from '../store/store.ts';
import { estimateRecipe, type Estimated } from '../worker/estimating.ts';
import styles from './MemoryNote.module.css';

/** Dials are turned key by key: asked once they have come to rest. */
const REST = 400;

/** The memory that a run of the recipe would take here, or why it would be refused; before anything is loaded. */
export function MemoryNote() {
  const recipe = useApp((state) => state.recipe);
  const backend = useApp((state) => state.backend);
  const [found, setFound] = useState<Estimated | Error>();
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      estimateRecipe(recipe, backend).then(
        (estimated) => wanted && setFound(estimated),
        (error: unknown) => wanted && setFound(error instanceof Error ? error : new Error(String(error))),
      );
    }, REST);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [recipe, backend]);
  const refusal = found instanceof Error ? found.message : found?.refusal;
  return (
    <div className={styles.note} role="status" aria-label="Memory of a run">
      {found === undefined && <p>Memory: being estimated…</p>}
      {found !== undefined && !(found instanceof Error) && <Parts found={found} />}
      {refusal !== undefined && <p className={styles.refusal}>{refusal}</p>}
    </div>
  );
}

function Parts({ found }: { readonly found: Estimated }) {
  const { estimate, backendLabel, limit } = found;
  const { weights, training, cache, writing, learning, total } = estimate;
  return (
    <>
      <p>
        Memory of a run: <b>{bytesText(total)}</b> at most
        {limit === undefined ? '' : `, of ${bytesText(limit)} that it can address`} <em>{backendLabel}</em>
      </p>
      <p className={styles.parts}>
        weights {bytesText(weights)} · gradients and moments {bytesText(training)} · then the larger of
        rollouts {bytesText(cache + writing)} and gradient {bytesText(learning)}
      </p>
    </>
  );
}
