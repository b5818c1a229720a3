import * as reference from '../reference/elementwise.ts';
import { swiglu, swigluBackward } from '../reference/swiglu.ts';
import { kernelCase, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

const SIZES = [1, 3, 17, 64, 129, 4097];

/** Gates so large that exp overflows float32: silu must still be its limit, 0 or x. */
const EXTREME_GATES = [-200, -95, -30, 0, 30, 95, 200];

function axpyCase(n: number): KernelCase {
  return kernelCase(`axpy n=${n}`, async (kit) => {
    const numbers = new Numbers(n);
    const dst = numbers.normal(n);
    const src = numbers.normal(n);
    const buffer = kit.state(dst);
    kit.backend.axpy(buffer, kit.f32(src), -0.75, n);
    await kit.expectClose('dst', buffer, reference.axpy(dst, src, -0.75));
  });
}

function addCase(n: number): KernelCase {
  return kernelCase(`add n=${n}`, async (kit) => {
    const numbers = new Numbers(n);
    const a = numbers.normal(n);
    const b = numbers.normal(n);
    const y = kit.output(n);
    kit.backend.add(kit.f32(a), kit.f32(b), y, n);
    await kit.expectClose('y', y, reference.add(a, b));
  });
}

function swigluCase(name: string, gate: Float64Array): KernelCase {
  return kernelCase(`swiglu and backward, ${name}`, async (kit) => {
    const n = gate.length;
    const numbers = new Numbers(n);
    const up = numbers.normal(n);
    const dy = numbers.normal(n);
    const y = kit.output(n);
    const dgate = kit.output(n);
    const dup = kit.output(n);
    const gateBuffer = kit.f32(gate);
    const upBuffer = kit.f32(up);
    kit.backend.swiglu(gateBuffer, upBuffer, y, n);
    kit.backend.swigluBackward(kit.f32(dy), gateBuffer, upBuffer, dgate, dup, n);
    const want = swigluBackward(dy, gate, up);
    await kit.expectClose('y', y, swiglu(gate, up));
    await kit.expectClose('dgate', dgate, want.dgate);
    await kit.expectClose('dup', dup, want.dup);
  });
}

function partialCase(): KernelCase {
  return kernelCase('add and axpy leave the elements after n alone', async (kit) => {
    const y = kit.output(20);
    kit.backend.add(kit.f32(new Float64Array(20).fill(1)), kit.f32(new Float64Array(20).fill(2)), y, 13);
    kit.backend.axpy(y, kit.f32(new Float64Array(20).fill(1)), 2, 7);
    const before = Float64Array.from({ length: 20 }, (_, i) => (i < 7 ? 5 : i < 13 ? 3 : -12345.5));
    await kit.expectClose('y', y, before, { tolerance: 1e-9 });
  });
}

export const elementwiseCases: readonly KernelCase[] = [
  ...SIZES.map(axpyCase),
  ...SIZES.map(addCase),
  ...SIZES.map((n) => swigluCase(`n=${n}`, new Numbers(n + 1).normal(n, 3))),
  swigluCase('gates beyond the range of exp', Float64Array.from(EXTREME_GATES)),
  partialCase(),
];
