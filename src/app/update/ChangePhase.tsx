import { fixed, probability, scientific } from '../components/format.ts';
import { Term } from '../components/Term.tsx';
import type { ChangeFinding } from '../../grpo/watch.ts';
import type { UpdateRecord } from '../store/updateRecord.ts';
import { Absent } from './Absent.tsx';
import { LayerBars } from './LayerBars.tsx';
import { byLayer } from './layers.ts';
import styles from './Phase.module.css';

/** What AdamW added to each layer, and its rule with the numbers of one weight put in. */
export function ChangePhase({ record }: { readonly record: UpdateRecord }) {
  const change = record.watched?.change;
  if (change === undefined) return <Absent what="The size of the update layer by layer" />;
  const weights = new Map(byLayer(change.weights).map(({ name, norm }) => [name, norm]));
  const changes = new Map(byLayer(change.changes).map(({ name, norm }) => [name, norm]));
  return (
    <div className={styles.split}>
      <div>
        <LayerBars
          name="update-by-layer"
          caption={
            <h2>
              <Term name="change">Size of the update</Term> by layer{' '}
              <em>norm of what was added · open a layer</em>
            </h2>
          }
          tensors={change.changes}
          beside={(layer) => {
            const whole = weights.get(layer) ?? 0;
            return whole > 0 ? `${probability((changes.get(layer) ?? 0) / whole)} of its weights` : '';
          }}
        />
        <p className={styles.note}>
          Beside each: its <Term name="relativeChange">relative size</Term>.
        </p>
      </div>
      <aside className={styles.aside} aria-label="The formula">
        <Adam change={change} />
      </aside>
    </div>
  );
}

/** AdamW's rule for the weight that changed most. */
function Adam({ change }: { readonly change: ChangeFinding }) {
  const { betas, epsilon, learningRate, weightDecay, gradScale, adamStep, example } = change;
  const [beta1, beta2] = betas;
  const g = example.gradient * gradScale;
  const mHat = example.m / (1 - beta1 ** adamStep);
  const vHat = example.v / (1 - beta2 ** adamStep);
  return (
    <div className={styles.panel}>
      <h2>
        AdamW, the weight that changed most{' '}
        <em>
          {example.tensor}, element {example.index}
        </em>
      </h2>
      <p className={styles.formula}>
        g = gradient · scale = <b>{scientific(example.gradient)}</b> · <b>{fixed(gradScale, 3)}</b> ={' '}
        <b>{scientific(g)}</b>
        <br />m = {beta1} m + {fixed(1 - beta1, 3)} g = <b>{scientific(example.m)}</b>
        <br />v = {beta2} v + {fixed(1 - beta2, 3)} g² = <b>{scientific(example.v)}</b>
        <br />
        m̂ = m / (1 − {beta1}
        <sup>{adamStep}</sup>) = <b>{scientific(mHat)}</b>
        <br />
        v̂ = v / (1 − {beta2}
        <sup>{adamStep}</sup>) = <b>{scientific(vHat)}</b>
      </p>
      <p className={styles.formula}>
        Δ = −η (m̂ / (√v̂ + ε){weightDecay === 0 ? '' : ' + λ w'})
        <br />
        &nbsp;&nbsp;= −<b>{scientific(learningRate)}</b> · <b>{scientific(mHat)}</b> / (
        <b>{scientific(Math.sqrt(vHat))}</b> + {scientific(epsilon)})
        <br />
        &nbsp;&nbsp;= <b>{scientific(example.after - example.before)}</b>
        <br />
        <small>
          the weight: {fixed(example.before, 5)} → {fixed(example.after, 5)}
        </small>
      </p>
      <p className={styles.note}>
        η is the learning rate after warm-up; t = {adamStep}, the optimiser’s steps so far.
      </p>
    </div>
  );
}
