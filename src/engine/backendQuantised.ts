import type { DeviceBuffer } from './backend.ts';
import type { QuantisedMatrix } from './quantised.ts';

/**
 * The kernels that read weights, for quantised ones: to the twin's tolerance what the kernels of the same name give
 * with the matrix that the words stand for. There is no gradient of the weights. w is [O,I], at the head [V,D].
 */
export interface QuantisedKernels {
  /** y[T,I] = rows `ids` of w. */
  embedding(ids: DeviceBuffer, w: QuantisedMatrix, y: DeviceBuffer, T: number): void;
  linear(x: DeviceBuffer, w: QuantisedMatrix, bias: DeviceBuffer | null, y: DeviceBuffer, T: number): void;
  linearBackwardInput(
    dy: DeviceBuffer,
    w: QuantisedMatrix,
    dx: DeviceBuffer,
    T: number,
    accumulate: boolean,
  ): void;
  head(
    h: DeviceBuffer,
    w: QuantisedMatrix,
    targets: DeviceBuffer,
    logprob: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    N: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void;
  headBackward(
    h: DeviceBuffer,
    w: QuantisedMatrix,
    targets: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    gLogprob: DeviceBuffer,
    gEntropy: DeviceBuffer,
    dh: DeviceBuffer,
    N: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void;
}
