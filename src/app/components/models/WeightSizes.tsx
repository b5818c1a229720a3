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
          training an adapter beside them: {bytesText(training.twice)} with layers run twice,{' '}
          {bytesText(training.plain)} without (the recipe “quick”, WebAssembly)
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
