import type { TensorNorm } from '../../grpo/watch.ts';

export interface LayerNorm {
  readonly name: string;
  readonly norm: number;
  readonly tensors: readonly TensorNorm[];
}

/** Norms of tensors gathered by layer, in the order of the network. Norms of parts add as squares. */
export function byLayer(tensors: readonly TensorNorm[]): readonly LayerNorm[] {
  const layers = new Map<string, TensorNorm[]>();
  for (const tensor of tensors) {
    const name = layerOf(tensor.name);
    layers.set(name, [...(layers.get(name) ?? []), tensor]);
  }
  return [...layers]
    .map(([name, parts]) => ({ name, norm: Math.hypot(...parts.map(({ norm }) => norm)), tensors: parts }))
    .sort((a, b) => placeOf(a.name) - placeOf(b.name));
}

function layerOf(tensor: string): string {
  const number = /\.layers\.(\d+)\./.exec(tensor)?.[1];
  if (number !== undefined) return `layer ${Number(number) + 1}`;
  if (tensor.includes('embed_tokens')) return 'embedding';
  if (tensor.includes('lm_head')) return 'head';
  return 'last norm';
}

function placeOf(layer: string): number {
  const number = /^layer (\d+)$/.exec(layer)?.[1];
  if (number !== undefined) return Number(number);
  return layer === 'embedding' ? 0 : layer === 'last norm' ? 1e6 : 1e6 + 1;
}
