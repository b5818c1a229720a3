import type { ModelCard } from '../../../lab/modelStore/protocol.ts';
import { bytesText } from './bytes.ts';
import styles from './WeightSizes.module.css';

const kinds = ['f32', 'f16', 'int8', 'int4'] as const;

type WeightSizesProps = Pick<ModelCard, 'weights' | 'training'>;

/** Memory of the weights by how they are kept, and what training an adapter takes beside them. */
export function WeightSizes({ weights, training }: WeightSizesProps) {
  return (
    <>
      <Weights weights={weights} />
      {training !== undefined && (
        <p className={styles.training}>
          to train an adapter, with the recipe “quick” on WebAssembly: {bytesText(training.plain)} more
          {bytesText(training.twice) !== bytesText(training.plain) &&
            `, or ${bytesText(training.twice)} with layers run twice`}
        </p>
      )}
    </>
  );
}

function Weights({ weights }: Pick<ModelCard, 'weights'>) {
  return (
    <dl className={styles.sizes} aria-label="Memory of the weights">
      {kinds.map((kind) => (
        <div key={kind}>
          <dt>{kind}</dt>
          <dd>{bytesText(weights[kind])}</dd>
        </div>
      ))}
    </dl>
  );
}
