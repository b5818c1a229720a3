/**
 * Weights on the device: one flat f32 buffer, a 64-element-aligned window a tensor, names as on Hugging Face.
 * Tensors with weight decay (matrices) come first, those without (norms, biases) after, so that the optimiser needs
 * two calls. The padding between windows is zero and stays so.
 */
import { EngineError, type Backend, type DeviceBuffer } from './backend.ts';
import type { Weight, WeightSource } from './ops/tape.ts';
import { counterUniform } from './random.ts';
import { sizeOf, tensorOf, type NamedTensors, type Tensor } from './tensors.ts';

/** How `initialise` fills a tensor. */
export type TensorInit = { readonly normal: number } | { readonly constant: number };

export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether AdamW decays it: matrices yes, norms and biases no. */
  readonly decay: boolean;
  /** A normal distribution's standard deviation, or one number everywhere. */
  readonly init: TensorInit;
}

interface Placed extends Weight {
  readonly spec: TensorSpec;
  readonly offset: number;
  readonly size: number;
  grad: DeviceBuffer | null;
}

export class Parameters implements WeightSource {
  readonly backend: Backend;
  /** All weights, [size] f32. */
  readonly flat: DeviceBuffer;
  /** Elements of the flat buffer, padding included. */
  readonly size: number;
  /** Elements of the decayed part, which comes first. */
  readonly decayedSize: number;
  /** Number of weights, padding not included. */
  readonly count: number;
  private readonly placed = new Map<string, Placed>();

  /** Weights start at zero: call `initialise`, `load` or `copyFrom` next. */
  constructor(backend: Backend, specs: readonly TensorSpec[]) {
    this.backend = backend;
    const ordered = [...specs.filter((spec) => spec.decay), ...specs.filter((spec) => !spec.decay)];
    const align = backend.viewAlignment;
    const offsets: number[] = [];
    let end = 0;
    let decayedSize = 0;
    let count = 0;
    for (const spec of ordered) {
      offsets.push(end);
      const size = sizeOf(spec.shape);
      count += size;
      end += Math.ceil(size / align) * align;
      if (spec.decay) decayedSize = end;
    }
    this.size = end;
    this.decayedSize = decayedSize;
    this.count = count;
    this.flat = backend.zeros(end);
    ordered.forEach((spec, i) => {
      if (this.placed.has(spec.name)) throw new EngineError(`two tensors are named ${spec.name}`);
      const offset = offsets[i] ?? 0;
      const size = sizeOf(spec.shape);
      const data = backend.view(this.flat, offset, size);
      this.placed.set(spec.name, {
        name: spec.name,
        shape: spec.shape,
        spec,
        offset,
        size,
        data,
        grad: null,
      });
    });
  }

  /** The weight of that name; stays valid when gradients are attached or detached. */
  weight(name: string): Weight {
    const weight = this.placed.get(name);
    if (weight === undefined) throw new EngineError(`there is no weight named ${name}`);
    return weight;
  }

  names(): readonly string[] {
    return [...this.placed.keys()];
  }

  /** Fills every tensor as its spec says: a pure function of the seed and the tensors' names and shapes. */
  initialise(seed: number): void {
    const host = new Float32Array(this.size);
    for (const { spec, offset, size } of this.placed.values()) {
      const window = host.subarray(offset, offset + size);
      if ('normal' in spec.init) fillNormal(window, seed, hashName(spec.name), spec.init.normal);
      else window.fill(spec.init.constant);
    }
    this.backend.write(this.flat, host);
  }

  /**
   * Takes all weights from tensors. Nothing changes unless every name and shape fits; the error lists what is
   * missing, unexpected or of another shape.
   * @param file named in errors
   * @param ignored tells unexpected names that do no harm (a copy of a tied head)
   */
  load(tensors: NamedTensors, file: string, ignored: (name: string) => boolean = () => false): void {
    const problems: string[] = [];
    for (const { name, shape } of this.placed.values()) {
      const tensor = tensors.get(name);
      if (tensor === undefined) problems.push(`missing ${name} [${shape.join(', ')}]`);
      else if (tensor.shape.join() !== shape.join()) {
        problems.push(`${name} is [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`);
      }
    }
    for (const name of tensors.keys()) {
      if (!this.placed.has(name) && !ignored(name)) problems.push(`unexpected ${name}`);
    }
    if (problems.length > 0) {
      const shown = problems.slice(0, 8).join('; ');
      const more = problems.length > 8 ? `; and ${problems.length - 8} more` : '';
      throw new EngineError(
        `${file}: the weights do not fit the configuration: ${shown}${more}. Use the config.json that belongs to them.`,
      );
    }
    const decoded: [Placed, Float32Array][] = [];
    for (const placed of this.placed.values()) {
      const values = tensors.get(placed.name)?.values();
      if (values === undefined || values.length !== placed.size) {
        throw new EngineError(
          `${file}: ${placed.name} holds ${values?.length ?? 0} numbers, not ${placed.size}`,
        );
      }
      decoded.push([placed, values]);
    }
    for (const [placed, values] of decoded) this.backend.write(placed.data, values);
  }

  /** All weights on the host, for saving. */
  async toTensors(): Promise<Map<string, Tensor>> {
    return this.tensorsOf(await this.backend.readF32(this.flat));
  }

  /** The windows of a host copy of a flat buffer (weights, gradients or moments) by name. */
  tensorsOf(flat: Float32Array): Map<string, Tensor> {
    const tensors = new Map<string, Tensor>();
    for (const { name, shape, offset, size } of this.placed.values()) {
      tensors.set(name, tensorOf(shape, flat.slice(offset, offset + size)));
    }
    return tensors;
  }

  /** Euclidean norm of each window of a host copy of a flat buffer (weights, gradients, a change), by name. */
  normsOf(flat: Float32Array): { readonly name: string; readonly norm: number }[] {
    return [...this.placed.values()].map(({ name, offset, size }) => {
      let squares = 0;
      for (let i = offset; i < offset + size; i++) squares += (flat[i] ?? 0) ** 2;
      return { name, norm: Math.sqrt(squares) };
    });
  }

  /** Which tensor an element of the flat buffer is of, and its place in it; undefined for padding. */
  placeOf(element: number): { readonly name: string; readonly index: number } | undefined {
    for (const { name, offset, size } of this.placed.values()) {
      if (element >= offset && element < offset + size) return { name, index: element - offset };
    }
    return undefined;
  }

  /** Another set with the same tensors and weights, without gradients. Dispose after use. */
  copy(): Parameters {
    const copy = new Parameters(
      this.backend,
      [...this.placed.values()].map(({ spec }) => spec),
    );
    copy.copyFrom(this);
    return copy;
  }

  /** Takes the weights of another set with the same tensors on the same backend (reference policy, best so far). */
  copyFrom(other: Parameters): void {
    for (const { name, offset, size } of this.placed.values()) {
      const source = other.placed.get(name);
      if (source?.offset !== offset || source.size !== size || other.size !== this.size) {
        throw new EngineError(`copyFrom: the two models differ at ${name}`);
      }
    }
    this.backend.copy(other.flat, 0, this.flat, 0, this.size);
  }

  /** Points every weight's gradient into `flat` (or nowhere). For `TrainState`. */
  attachGradients(flat: DeviceBuffer | null): void {
    for (const placed of this.placed.values()) {
      if (flat !== null && placed.grad !== null)
        throw new EngineError('these parameters already have gradients');
      placed.grad = flat === null ? null : this.backend.view(flat, placed.offset, placed.size);
    }
  }

  dispose(): void {
    this.backend.free(this.flat);
  }
}

/** Box–Muller on counter-based draws: element i depends on (seed, stream, i) alone. */
function fillNormal(out: Float32Array, seed: number, stream: number, std: number): void {
  for (let i = 0; i < out.length; i += 2) {
    const radius = std * Math.sqrt(-2 * Math.log(1 - counterUniform(seed, stream, i)));
    const angle = 2 * Math.PI * counterUniform(seed, stream, i + 1);
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
}

/** FNV-1a: tensors of one model draw from different streams. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash | 0;
}
