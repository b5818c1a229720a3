import type { ModelCard } from '../../../lab/modelStore/protocol.ts';
import { bytesText } from './bytes.ts';
import styles from './WeightSizes.module.css';

const kinds = ['f32', 'f16', 'int8', 'int4'] as const;

/** Memory of the weights by how they are kept. */
export function WeightSizes({ weights }: { readonly weights: ModelCard['weights'] }) {
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
