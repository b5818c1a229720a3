import type { NamedTensors } from '../../src/engine/tensors.ts';

/** One backend's update: the gradient, and the weights before and after the step. */
export interface UpdateSide {
  readonly gradient: NamedTensors;
  readonly before: NamedTensors;
  readonly after: NamedTensors;
}

export interface UpdateDifferences {
  readonly weights: number;
  /** ‖a − b‖ / ‖a‖ of the whole gradient. */
  readonly gradient: number;
  /** The same of the tensor where it is largest. */
  readonly worstTensor: { readonly name: string; readonly distance: number };
  /** Largest difference of a weight before the step: 0 when both loaded the same file. */
  readonly before: number;
  /** Share of the weights that the step moved by at least half the learning rate. */
  readonly moved: number;
  /** Largest difference of a weight after the step, in learning rates. */
  readonly largestStep: number;
  /** Share of the weights that differ by more than a hundredth of the learning rate after the step. */
  readonly apart: number;
}

/** How far two backends' updates of the same weights by the same rollouts lie apart; NaN anywhere shows as NaN. */
export function compareUpdates(a: UpdateSide, b: UpdateSide, learningRate: number): UpdateDifferences {
  let [weights, moved, apart, before, largest, squares, total] = [0, 0, 0, 0, 0, 0, 0];
  let worstTensor = { name: '', distance: 0 };
  for (const [name, tensor] of a.after) {
    const gradients = [valuesOf(a.gradient, name), valuesOf(b.gradient, name)] as const;
    const [from, fromOther] = [valuesOf(a.before, name), valuesOf(b.before, name)];
    const [to, toOther] = [tensor.values(), valuesOf(b.after, name)];
    let [square, norm] = [0, 0];
    for (let i = 0; i < to.length; i++) {
      const at = (values: Float32Array): number => values[i] ?? NaN;
      square += (at(gradients[0]) - at(gradients[1])) ** 2;
      norm += at(gradients[0]) ** 2;
      before = Math.max(before, Math.abs(at(from) - at(fromOther)));
      const difference = Math.abs(at(to) - at(toOther)) / learningRate;
      largest = Math.max(largest, difference);
      if (Math.abs(at(to) - at(from)) >= learningRate / 2) moved++;
      if (!(difference <= 0.01)) apart++;
    }
    weights += to.length;
    squares += square;
    total += norm;
    const distance = norm > 0 ? Math.sqrt(square / norm) : square;
    if (!(distance <= worstTensor.distance)) worstTensor = { name, distance };
  }
  return {
    weights,
    gradient: Math.sqrt(squares / total),
    worstTensor,
    before,
    moved: moved / weights,
    largestStep: largest,
    apart: apart / weights,
  };
}

function valuesOf(tensors: NamedTensors, name: string): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`one backend has no tensor ${name}`);
  return tensor.values();
}
