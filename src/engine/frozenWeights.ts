/** A model's weights on the device in few bits, never trained: the base of an adapter, or a policy that only runs. */
import { EngineError, type Backend, type DeviceBuffer } from './backend.ts';
import type { DecoderConfig } from './config.ts';
import { decoderTensors } from './decoderTensors.ts';
import type { Weight, WeightSource } from './ops/tape.ts';
import type { TensorSpec } from './parameters.ts';
import { fitsGroups, packGroups, packValues, quantisedWords, quantKinds } from './quantised.ts';
import { sizeOf, type NamedTensors, type Tensor } from './tensors.ts';

/** Bits of the layers' matrices. The table and the head keep at least 8: they decide between near-equal tokens. */
export const weightKinds = [...quantKinds, 'f32'] as const;
export type WeightKind = (typeof weightKinds)[number];

/** How a tensor of a model is kept. Vectors stay f32. */
export function keptAs(spec: TensorSpec, kind: WeightKind): WeightKind {
  if (spec.shape.length === 1) return 'f32';
  const outside = spec.name === 'model.embed_tokens.weight' || spec.name === 'lm_head.weight';
  return outside && kind === 'int4' ? 'int8' : kind;
}

/** Bytes on the device of a model's weights. */
export function frozenBytes(config: DecoderConfig, kind: WeightKind): number {
  return decoderTensors(config).reduce((sum, spec) => {
    const kept = keptAs(spec, kind);
    const [rows = 0, cols = 0] = spec.shape;
    return sum + 4 * (kept === 'f32' ? sizeOf(spec.shape) : quantisedWords(kept, rows, cols));
  }, 0);
}

export class FrozenWeights implements WeightSource {
  readonly backend: Backend;
  private readonly weights = new Map<string, Weight>();

  /**
   * Writes tensor by tensor, so that no more than one is decoded at a time.
   * @param file named in errors
   */
  constructor(
    backend: Backend,
    config: DecoderConfig,
    tensors: NamedTensors,
    kind: WeightKind,
    file: string,
  ) {
    this.backend = backend;
    try {
      for (const spec of decoderTensors(config)) {
        const tensor = tensors.get(spec.name);
        if (tensor?.shape.join() !== spec.shape.join()) {
          throw new EngineError(
            `${file}: ${spec.name} is ${tensor === undefined ? 'missing' : `[${tensor.shape.join(', ')}]`}, ` +
              `expected [${spec.shape.join(', ')}]. Use the config.json that belongs to the weights.`,
          );
        }
        this.weights.set(spec.name, place(backend, spec, tensor, keptAs(spec, kind)));
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  weight(name: string): Weight {
    const weight = this.weights.get(name);
    if (weight === undefined) throw new EngineError(`there is no weight named ${name}`);
    return weight;
  }

  dispose(): void {
    for (const { data } of this.weights.values()) this.backend.free(data);
    this.weights.clear();
  }
}

function place(backend: Backend, { name, shape }: TensorSpec, tensor: Tensor, kind: WeightKind): Weight {
  const write = (data: Float32Array | Int32Array): DeviceBuffer => {
    const buffer = backend.alloc(data.length, data instanceof Int32Array ? 'i32' : 'f32');
    backend.write(buffer, data);
    return buffer;
  };
  if (kind === 'f32') return { name, shape, data: write(tensor.values()), grad: null };
  const [rows = 0, cols = 0] = shape;
  const groups = tensor.groups?.() ?? null;
  const words =
    groups !== null && fitsGroups(kind, groups, cols)
      ? packGroups(kind, groups, rows, cols)
      : packValues(kind, tensor.values(), rows, cols, name);
  return { name, shape, data: write(words), grad: null, quantised: kind };
}
