import type { ReactNode } from 'react';
import { Figure } from '../components/figure/Figure.tsx';
import { scientific } from '../components/format.ts';
import type { TensorNorm } from '../../grpo/watch.ts';
import { byLayer } from './layers.ts';
import styles from './LayerBars.module.css';

interface LayerBarsProps {
  /** What the saved file is called. */
  readonly name: string;
  readonly caption: ReactNode;
  readonly tensors: readonly TensorNorm[];
  /** Said beside each bar, from the layer's norm. */
  readonly beside?: (layer: string) => string;
}

/** Norms by layer; each layer opens into its tensors. */
export function LayerBars({ name, caption, tensors, beside }: LayerBarsProps) {
  const layers = byLayer(tensors);
  const top = Math.max(...layers.map(({ norm }) => norm), 1e-12);
  const most = Math.max(...tensors.map(({ norm }) => norm), 1e-12);
  return (
    <Figure
      name={name}
      caption={caption}
      table={() => ({
        columns: ['layer', 'tensor', 'norm'],
        rows: layers.flatMap((layer) => [
          [layer.name, 'all', layer.norm],
          ...layer.tensors.map((tensor) => [layer.name, tensor.name, tensor.norm]),
        ]),
      })}
    >
      <ol className={styles.layers}>
        {layers.map((layer) => (
          <li key={layer.name}>
            <details>
              <summary>
                <Bar name={layer.name} norm={layer.norm} top={top} note={beside?.(layer.name)} />
              </summary>
              <ol className={styles.tensors}>
                {layer.tensors.map(({ name, norm }) => (
                  <li key={name}>
                    <Bar name={shortName(name)} norm={norm} top={most} />
                  </li>
                ))}
              </ol>
            </details>
          </li>
        ))}
      </ol>
    </Figure>
  );
}

interface BarProps {
  readonly name: string;
  readonly norm: number;
  readonly top: number;
  readonly note?: string | undefined;
}

function Bar({ name, norm, top, note }: BarProps) {
  return (
    <span className={styles.row}>
      <span className={styles.name}>{name}</span>
      <span className={styles.bar} aria-hidden="true">
        <i style={{ width: `${(norm / top) * 100}%` }} />
      </span>
      <span className={styles.norm}>
        {scientific(norm)}
        {note !== undefined && <small>{note}</small>}
      </span>
    </span>
  );
}

/** `model.layers.0.self_attn.q_proj.weight` → `self_attn.q_proj`. */
const shortName = (name: string): string =>
  name.replace(/^model\.(layers\.\d+\.)?/, '').replace(/\.weight$/, '');
