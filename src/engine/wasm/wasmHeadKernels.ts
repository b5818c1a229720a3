/** Log-probabilities and entropies at the head, in chunks of the vocabulary, forward and backward. */

import { EngineError, type DeviceBuffer } from '../backend.ts';
import {
  GRADIENT_CHUNK,
  gradientRows,
  HEAD_CHUNK,
  headRows,
  headScratch,
  keepsLogits,
  productScratch,
} from './scratch.ts';
import { NN, WasmProductKernels, type Matrix } from './wasmProductKernels.ts';

/** In place of the form of `headGradient`: the logits are there already, scaled. As in assembly/head.ts. */
const KEPT = 3;

export class WasmHeadKernels extends WasmProductKernels {
  head(
    h: DeviceBuffer,
    w: DeviceBuffer,
    targets: DeviceBuffer,
    logprob: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    N: number,
    D: number,
    V: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void {
    const weight = this.transposed('head', w, V, D);
    this.headOf(h, weight, targets, logprob, entropy, lse, N, D, V, scale, kept);
  }

  protected headOf(
    h: DeviceBuffer,
    weight: Matrix,
    targets: DeviceBuffer,
    logprob: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    N: number,
    D: number,
    V: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void {
    const rowBlock = headRows(N);
    if (kept && V % 4 !== 0) throw new EngineError(`head: logits are kept of multiples of 4, V is ${V}`);
    this.reserveScratch(headScratch(N, D));
    this.command()
      .int(this.f32('head', 'h', h, N * D))
      .int(weight.w)
      .int(this.indices('head', 'targets', targets, N, V))
      .int(this.output('head', 'logprob', logprob, N))
      .int(this.output('head', 'entropy', entropy, N))
      .int(this.output('head', 'lse', lse, N))
      .int(N)
      .int(D)
      .int(V)
      .float(scale)
      .int(rowBlock)
      .int(weight.form)
      .int(kept ? this.output('head', 'kept', kept, N * V) : 0);
    this.launch('head', Math.ceil(N / rowBlock), 1);
  }

  keepsLogits(N: number, V: number): boolean {
    return keepsLogits(N, V);
  }

  headBackward(
    h: DeviceBuffer,
    w: DeviceBuffer,
    targets: DeviceBuffer,
    entropy: DeviceBuffer,
    lse: DeviceBuffer,
    gLogprob: DeviceBuffer,
    gEntropy: DeviceBuffer,
    dh: DeviceBuffer,
    dw: DeviceBuffer | null,
    N: number,
    D: number,
    V: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void {
    const weight = { w: this.f32('headBackward', 'w', w, V * D), form: NN };
    const forward = (): Matrix => this.transposed('headBackward', w, V, D);
    const rows = { entropy, lse, gLogprob, gEntropy };
    const backward = (v0: number): Matrix => ({ ...weight, w: weight.w + v0 * D * 4 });
    this.headBackwardOf(h, { forward, backward }, targets, rows, dh, dw, N, D, V, scale, kept);
  }

  /** `weight.backward`: from vocabulary entry v0 on, for the product with dz. */
  protected headBackwardOf(
    h: DeviceBuffer,
    weight: { readonly forward: () => Matrix; readonly backward: (v0: number) => Matrix },
    targets: DeviceBuffer,
    rowNumbers: Readonly<Record<'entropy' | 'lse' | 'gLogprob' | 'gEntropy', DeviceBuffer>>,
    dh: DeviceBuffer,
    dw: DeviceBuffer | null,
    N: number,
    D: number,
    V: number,
    scale: number,
    kept?: DeviceBuffer,
  ): void {
    const hidden = this.f32('headBackward', 'h', h, N * D);
    const target = this.indices('headBackward', 'targets', targets, N, V);
    const rows = Object.entries(rowNumbers).map(([name, buffer]) =>
      this.f32('headBackward', name, buffer, N),
    );
    const dHidden = this.output('headBackward', 'dh', dh, N * D);
    const dWeight = dw === null ? 0 : this.output('headBackward', 'dw', dw, V * D);
    const logits = kept && { w: this.output('headBackward', 'kept', kept, N * V), form: KEPT };
    const source = logits ?? weight.forward();
    const chunk = logits ? V : Math.min(V, GRADIENT_CHUNK);
    const most = gradientRows(N, chunk);
    const rowBlock = headRows(most);
    const common = logits ? 0 : this.reserveCommon(most * chunk * 4);
    for (let v0 = 0; v0 < V; v0 += chunk) {
      const entries = Math.min(chunk, V - v0);
      for (let n0 = 0; n0 < N; n0 += most) {
        const count = Math.min(most, N - n0);
        const dz = logits ? logits.w + n0 * V * 4 : common;
        this.reserveScratch(productScratch(rowBlock, HEAD_CHUNK, D));
        const command = this.command()
          .int(hidden + n0 * D * 4)
          .int(source.w)
          .int(target + n0 * 4);
        for (const address of rows) command.int(address + n0 * 4);
        command.int(dz).int(count).int(D).int(v0).int(entries).float(scale).int(rowBlock).int(source.form);
        this.launch('headGradient', Math.ceil(count / rowBlock), 1);
        const c = dHidden + n0 * D * 4;
        const init = v0 === 0 ? 0 : c;
        const product = { a: dz, ...weight.backward(v0), init, initStride: init && D * 4, c };
        this.product(product, count, D, entries);
        if (dWeight === 0) continue;
        this.weightGradient(dz, hidden + n0 * D * 4, dWeight + v0 * D * 4, count, D, entries);
      }
    }
  }
}
