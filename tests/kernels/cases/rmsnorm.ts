import * as reference from '../reference/rmsnorm.ts';
import { kernelCase, plus, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

const EPS = 1e-5;

function rmsnormCase(T: number, D: number, accumulate: boolean, inputScale = 1): KernelCase {
  const how = `${accumulate ? 'accumulating' : 'overwriting'} dx, x·${inputScale}`;
  return kernelCase(`rmsnorm and backward T=${T} D=${D}, ${how}`, async (kit) => {
    const numbers = new Numbers(T + D);
    const x = numbers.normal(T * D, inputScale);
    const w = numbers.normal(D);
    const dy = numbers.normal(T * D);
    const initialX = numbers.normal(T * D);
    const initialW = numbers.normal(D);
    const want = reference.rmsnorm(x, w, T, D, EPS);
    const wantBack = reference.rmsnormBackward(dy, x, w, want.rstd, T, D);

    const y = kit.output(T * D);
    const rstd = kit.output(T);
    const dx = accumulate ? kit.state(initialX) : kit.output(T * D);
    const dw = kit.state(initialW);
    const xBuffer = kit.f32(x);
    const wBuffer = kit.f32(w);
    kit.backend.rmsnorm(xBuffer, wBuffer, y, rstd, T, D, EPS);
    kit.backend.rmsnormBackward(kit.f32(dy), xBuffer, wBuffer, rstd, dx, dw, T, D, accumulate);
    await kit.expectClose('y', y, want.y);
    await kit.expectClose('rstd', rstd, want.rstd);
    // For D = 1 both terms of dx cancel almost wholly: the error is that of one term, rstd · dy · w.
    const term = Math.max(...want.rstd) * Math.max(...w.map(Math.abs)) * Math.max(...dy.map(Math.abs));
    await kit.expectClose('dx', dx, accumulate ? plus(initialX, wantBack.dx) : wantBack.dx, {
      magnitude: term,
    });
    await kit.expectClose('dw', dw, plus(initialW, wantBack.dw));
  });
}

function zeroRowCase(): KernelCase {
  return kernelCase('rmsnorm of a zero row is zero, with rstd 1/√eps', async (kit) => {
    const y = kit.output(10);
    const rstd = kit.output(2);
    const x = kit.f32([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    kit.backend.rmsnorm(x, kit.f32([1, 1, 1, 1, 1]), y, rstd, 2, 5, EPS);
    await kit.expectClose('y', y, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    await kit.expectClose('rstd', rstd, [1 / Math.sqrt(EPS), 1 / Math.sqrt(1 + EPS)]);
  });
}

export const rmsnormCases: readonly KernelCase[] = [
  rmsnormCase(1, 1, false),
  rmsnormCase(1, 129, true),
  rmsnormCase(5, 3, false),
  rmsnormCase(3, 128, true),
  rmsnormCase(33, 65, false),
  rmsnormCase(129, 17, true),
  rmsnormCase(264, 40, false),
  rmsnormCase(7, 257, true),
  rmsnormCase(4, 33, false, 1e-3),
  rmsnormCase(4, 33, false, 1e3),
  zeroRowCase(),
];
