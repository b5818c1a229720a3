import { rope } from '../reference/rope.ts';
import { kernelCase, type KernelCase } from './kit.ts';
import { Numbers } from './numbers.ts';

function ropeCase(T: number, H: number, C: number, theta: number, longest: number): KernelCase {
  const name = `rope and its inverse in place T=${T} H=${H} C=${C} theta=${theta} positions<${longest}`;
  return kernelCase(name, async (kit) => {
    const numbers = new Numbers(T + C);
    const positions = numbers.integers(T, longest);
    positions[0] = longest - 1;
    const x = numbers.normal(T * H * C);
    // A float32 angle is off by a few times 2^-24 of itself, so the rotated vector by as much of its length.
    const limits = { tolerance: 2e-5 + 2.5e-7 * longest };
    const positionBuffer = kit.i32(positions);

    const forward = kit.state(x);
    kit.backend.rope(forward, positionBuffer, T, H, C, theta, false);
    await kit.expectClose('rotated', forward, rope(x, positions, T, H, C, theta, false), limits);

    const inverse = kit.state(x);
    kit.backend.rope(inverse, positionBuffer, T, H, C, theta, true);
    await kit.expectClose('rotated back', inverse, rope(x, positions, T, H, C, theta, true), limits);

    // Back and forth with one and the same angle: no angle error.
    kit.backend.rope(forward, positionBuffer, T, H, C, theta, true);
    await kit.expectClose('there and back', forward, x);
  });
}

function originCase(): KernelCase {
  return kernelCase('rope at position 0 changes nothing', async (kit) => {
    const x = new Numbers(5).normal(3 * 2 * 6);
    const buffer = kit.state(x);
    kit.backend.rope(buffer, kit.i32([0, 0, 0]), 3, 2, 6, 10000, false);
    await kit.expectClose('x', buffer, x, { tolerance: 0 });
  });
}

/** Llama 3.1's rule, whose wavelengths are what transformers computes for a head of 8 channels (base 500000). */
function scaledCase(): KernelCase {
  return kernelCase('rope with the frequencies of Llama 3', async (kit) => {
    const scaling = { factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalPositions: 8192 };
    const frequencies = [1, 0.0376060307, 0.000524846022, 0.000006647869668];
    const numbers = new Numbers(8);
    const positions = numbers.integers(9, 100);
    const x = numbers.normal(9 * 2 * 8);
    const buffer = kit.state(x);
    kit.backend.rope(buffer, kit.i32(positions), 9, 2, 8, 500000, false, scaling);
    await kit.expectClose('rotated', buffer, rope(x, positions, 9, 2, 8, 500000, false, frequencies));
  });
}

export const ropeCases: readonly KernelCase[] = [
  ropeCase(1, 1, 2, 10000, 1),
  ropeCase(1, 4, 2, 10000, 40),
  ropeCase(5, 3, 6, 10000, 17),
  ropeCase(33, 1, 40, 10000, 300),
  ropeCase(17, 5, 32, 100000, 129),
  ropeCase(7, 2, 64, 1000000, 2048),
  originCase(),
  scaledCase(),
];
