import { describe, expect, it } from 'vitest';
import type { AttentionShape } from '../../../src/engine/backend.ts';
import { Numbers, startsOf, sum } from '../cases/numbers.ts';
import { at } from './arrays.ts';
import { attention, attentionBackward } from './attention.ts';
import { embedding, embeddingBackward } from './embedding.ts';
import { head, headBackward } from './head.ts';
import { linear, linearBackwardBias, linearBackwardInput, linearBackwardWeight } from './linear.ts';
import { rmsnorm, rmsnormBackward } from './rmsnorm.ts';
import { rope } from './rope.ts';
import { gatherRows, scatterRowsAdd, segmentMean, segmentMeanBackward } from './rows.ts';
import { swiglu, swigluBackward } from './swiglu.ts';

/** The loss whose gradient by `y` is `dy`. */
function weigh(y: Float64Array, dy: Float64Array): number {
  expect(dy.length).toBe(y.length);
  return y.reduce((total, value, i) => total + value * at(dy, i), 0);
}

/**
 * Compares `gradient` with central differences of `loss` by each element of `input`, which is nudged in place.
 * The step 1e-5 leaves a truncation error of about 1e-10 and a rounding error of about 1e-11 of the loss.
 */
function expectGradient(gradient: Float64Array, input: Float64Array, loss: () => number): void {
  const step = 1e-5;
  expect(gradient.length).toBe(input.length);
  expect(gradient.some((value) => value !== 0)).toBe(true);
  for (let i = 0; i < input.length; i++) {
    const original = at(input, i);
    input[i] = original + step;
    const above = loss();
    input[i] = original - step;
    const below = loss();
    input[i] = original;
    const slope = (above - below) / (2 * step);
    const error = Math.abs(slope - at(gradient, i));
    expect(error, `element ${i}: slope ${slope}, gradient ${at(gradient, i)}`).toBeLessThan(
      1e-7 * Math.max(1, Math.abs(slope)),
    );
  }
}

describe('backward of the float64 twins against central differences', () => {
  it('embedding', () => {
    const numbers = new Numbers(1);
    const [T, D, V] = [7, 3, 4];
    const ids = numbers.integers(T, V);
    const table = numbers.normal(V * D);
    const dy = numbers.normal(T * D);
    const dTable = embeddingBackward(ids, dy, T, D, V);
    expectGradient(dTable, table, () => weigh(embedding(ids, table, T, D), dy));
  });

  it('gatherRows', () => {
    const numbers = new Numbers(2);
    const [N, D, rowCount] = [3, 4, 5];
    const rows = numbers.distinct(N, rowCount);
    const x = numbers.normal(rowCount * D);
    const dy = numbers.normal(N * D);
    const dx = scatterRowsAdd(dy, rows, N, D, rowCount);
    expectGradient(dx, x, () => weigh(gatherRows(x, rows, N, D), dy));
  });

  it('segmentMean', () => {
    const numbers = new Numbers(3);
    const starts = startsOf([1, 4, 2]);
    const D = 3;
    const x = numbers.normal(7 * D);
    const dy = numbers.normal(3 * D);
    const dx = segmentMeanBackward(dy, starts, 7, D);
    expectGradient(dx, x, () => weigh(segmentMean(x, starts, 3, D), dy));
  });

  it('linear by input, weight and bias', () => {
    const numbers = new Numbers(4);
    const [T, I, O] = [3, 5, 4];
    const x = numbers.normal(T * I);
    const w = numbers.normal(O * I);
    const bias = numbers.normal(O);
    const dy = numbers.normal(T * O);
    const loss = () => weigh(linear(x, w, bias, T, I, O), dy);
    expectGradient(linearBackwardInput(dy, w, T, I, O), x, loss);
    expectGradient(linearBackwardWeight(dy, x, T, I, O), w, loss);
    expectGradient(linearBackwardBias(dy, T, O), bias, loss);
  });

  it('rmsnorm by input and weight', () => {
    const numbers = new Numbers(5);
    const [T, D, eps] = [4, 6, 0.01];
    const x = numbers.normal(T * D);
    const w = numbers.normal(D);
    const dy = numbers.normal(T * D);
    const { rstd } = rmsnorm(x, w, T, D, eps);
    const { dx, dw } = rmsnormBackward(dy, x, w, rstd, T, D);
    const loss = () => weigh(rmsnorm(x, w, T, D, eps).y, dy);
    expectGradient(dx, x, loss);
    expectGradient(dw, w, loss);
  });

  it('rope, whose backward is its inverse', () => {
    const numbers = new Numbers(6);
    const [T, H, C, theta] = [3, 2, 6, 100];
    const positions = [0, 1, 17];
    const x = numbers.normal(T * H * C);
    const dy = numbers.normal(T * H * C);
    const dx = rope(dy, positions, T, H, C, theta, true);
    expectGradient(dx, x, () => weigh(rope(x, positions, T, H, C, theta, false), dy));
  });

  const shapes: readonly AttentionShape[] = [
    { heads: 4, kvHeads: 1, headDim: 3 },
    { heads: 4, kvHeads: 2, headDim: 2 },
    { heads: 2, kvHeads: 2, headDim: 4 },
  ];
  for (const shape of shapes) {
    for (const causal of [true, false]) {
      const { heads, kvHeads, headDim } = shape;
      it(`attention ${heads}:${kvHeads}×${headDim}, ${causal ? 'causal' : 'two-way'}`, () => {
        const numbers = new Numbers(7);
        const lengths = [1, 4, 2];
        const starts = startsOf(lengths);
        const T = sum(lengths);
        const q = numbers.normal(T * heads * headDim);
        const k = numbers.normal(T * kvHeads * headDim);
        const v = numbers.normal(T * kvHeads * headDim);
        const dout = numbers.normal(q.length);
        const run = () => attention(q, k, v, starts, T, 3, shape, causal);
        const { out, lse } = run();
        const grads = attentionBackward(q, k, v, starts, out, lse, dout, 3, shape, causal);
        const loss = () => weigh(run().out, dout);
        expectGradient(grads.dq, q, loss);
        expectGradient(grads.dk, k, loss);
        expectGradient(grads.dv, v, loss);
      });
    }
  }

  it('swiglu by gate and up', () => {
    const numbers = new Numbers(8);
    const gate = numbers.normal(20, 3);
    const up = numbers.normal(20);
    const dy = numbers.normal(20);
    const { dgate, dup } = swigluBackward(dy, gate, up);
    const loss = () => weigh(swiglu(gate, up), dy);
    expectGradient(dgate, gate, loss);
    expectGradient(dup, up, loss);
  });

  it('head: logprob and entropy together, with a scale', () => {
    const numbers = new Numbers(9);
    const [N, D, V, scale] = [3, 4, 7, 1.25];
    const h = numbers.normal(N * D);
    const w = numbers.normal(V * D);
    const targets = [0, 6, 6];
    const gLogprob = numbers.normal(N);
    const gEntropy = numbers.normal(N);
    const run = () => head(h, w, targets, N, D, V, scale);
    const { entropy, lse } = run();
    const { dh, dw } = headBackward(h, w, targets, entropy, lse, gLogprob, gEntropy, N, D, V, scale);
    const loss = () => weigh(run().logprob, gLogprob) + weigh(run().entropy, gEntropy);
    expectGradient(dh, h, loss);
    expectGradient(dw, w, loss);
  });
});
