import * as reference from '../reference/linear.ts';
import { kernelCase, plus, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

type Size = readonly [T: number, I: number, O: number];

/** One row, narrow, wide and long matrices; sizes beside and exactly on the usual tiles of 4, 8, 16, 32, 64. */
const SIZES: readonly Size[] = [
  [1, 1, 1],
  [1, 33, 65],
  [1, 128, 256],
  [3, 5, 7],
  [2, 257, 130],
  [5, 6, 513],
  [17, 33, 65],
  [33, 64, 129],
  [65, 129, 33],
  [129, 17, 3],
  [64, 64, 64],
  [128, 96, 32],
  [300, 20, 12],
];

function forwardCase([T, I, O]: Size, withBias: boolean): KernelCase {
  return kernelCase(`linear T=${T} I=${I} O=${O} ${withBias ? 'with' : 'without'} bias`, async (kit) => {
    const numbers = new Numbers(T + I + O);
    const x = numbers.normal(T * I);
    const w = numbers.normal(O * I);
    const bias = withBias ? numbers.normal(O) : null;
    const y = kit.output(T * O);
    kit.backend.linear(kit.f32(x), kit.f32(w), bias && kit.f32(bias), y, T, I, O);
    await kit.expectClose('y', y, reference.linear(x, w, bias, T, I, O));
  });
}

function backwardCase([T, I, O]: Size, accumulate: boolean): KernelCase {
  const how = accumulate ? 'accumulating' : 'overwriting';
  return kernelCase(`linear backward T=${T} I=${I} O=${O}, ${how} dx`, async (kit) => {
    const numbers = new Numbers(T + I + O);
    const x = numbers.normal(T * I);
    const w = numbers.normal(O * I);
    const dy = numbers.normal(T * O);
    const initialX = numbers.normal(T * I);
    const initialW = numbers.normal(O * I);
    const initialBias = numbers.normal(O);
    const dyBuffer = kit.f32(dy);
    const dx = accumulate ? kit.state(initialX) : kit.output(T * I);
    const dw = kit.state(initialW);
    const db = kit.state(initialBias);
    kit.backend.linearBackwardInput(dyBuffer, kit.f32(w), dx, T, I, O, accumulate);
    kit.backend.linearBackwardWeight(dyBuffer, kit.f32(x), dw, T, I, O);
    kit.backend.linearBackwardBias(dyBuffer, db, T, O);
    const wantX = reference.linearBackwardInput(dy, w, T, I, O);
    await kit.expectClose('dx', dx, accumulate ? plus(initialX, wantX) : wantX);
    await kit.expectClose('dw', dw, plus(initialW, reference.linearBackwardWeight(dy, x, T, I, O)));
    await kit.expectClose('db', db, plus(initialBias, reference.linearBackwardBias(dy, T, O)));
  });
}

export const linearCases: readonly KernelCase[] = SIZES.flatMap((size, i) => [
  forwardCase(size, i % 2 === 0),
  forwardCase(size, i % 2 === 1),
  backwardCase(size, i % 2 === 0),
  backwardCase(size, i % 2 === 1),
]);
