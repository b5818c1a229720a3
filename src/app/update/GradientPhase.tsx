import { fixed, scientific } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import type { UpdateRecord } from '../store/updateRecord.ts';
import { Absent } from './Absent.tsx';
import { LayerBars } from './LayerBars.tsx';
import styles from './Phase.module.css';

/** How steep the loss is, layer by layer, and what is left of it after clipping. */
export function GradientPhase({ record }: { readonly record: UpdateRecord }) {
  const gradient = record.watched?.gradient;
  const norm = gradient?.norm ?? record.gradNorm;
  const bound = gradient?.maxGradNorm ?? record.recipe.grpo.maxGradNorm;
  return (
    <div className={styles.split}>
      <div>
        {gradient === undefined ? (
          <Absent what="The gradient layer by layer" />
        ) : (
          <LayerBars
            name="gradient-by-layer"
            caption={
              <h2>
                <Term name="gradientNorm">Gradient norm</Term> by layer{' '}
                <em>before clipping · open a layer for its matrices</em>
              </h2>
            }
            tensors={gradient.tensors}
          />
        )}
      </div>
      <aside className={styles.aside} aria-label="The formula">
        <div className={styles.panel}>
          <h2>The whole gradient</h2>
          {norm === undefined ? (
            <p className={styles.note}>Its norm is not in the record.</p>
          ) : (
            <p className={styles.formula}>
              <Term name="gradientNorm">‖g‖</Term> = √(Σ over all weights of g²) = <b>{scientific(norm)}</b>
              <br />
              <Term name="gradientScale">scale</Term> = min(1, {fixed(bound, 2)} / {scientific(norm)}) ={' '}
              <b>{fixed(Math.min(1, bound / Math.max(norm, 1e-30)), 3)}</b>
            </p>
          )}
          <p className={styles.note}>
            {norm === 0
              ? 'Nothing pushes: no group of this batch has spread.'
              : norm !== undefined && norm > bound
                ? 'It is longer than the bound: all of it is shortened alike, its direction stays.'
                : 'It is within the bound and goes to the optimiser as it is.'}
          </p>
        </div>
      </aside>
    </div>
  );
}
