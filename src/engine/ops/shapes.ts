import { EngineError, type Backend } from '../backend.ts';
import type { QuantisedKernels } from '../backendQuantised.ts';
import type { QuantisedMatrix } from '../quantised.ts';
import type { Weight } from './tape.ts';

/** [rows, cols] of a weight matrix. */
export function matrixShape(weight: Weight): readonly [number, number] {
  const [rows, cols] = weight.shape;
  if (rows === undefined || cols === undefined || weight.shape.length !== 2) {
    throw new EngineError(`${weight.name} has shape [${weight.shape.join(', ')}], a matrix is needed`);
  }
  return [rows, cols];
}

/** A quantised weight as the kernels take it, with those kernels; null for an f32 weight. */
export function quantisedOf(
  backend: Backend,
  weight: Weight,
): { readonly kernels: QuantisedKernels; readonly matrix: QuantisedMatrix } | null {
  const { quantised: kind, data } = weight;
  if (kind === undefined) return null;
  const [rows, cols] = matrixShape(weight);
  return { kernels: backend.quantised, matrix: { kind, rows, cols, data } };
}

/** Length of a weight vector. */
export function vectorLength(weight: Weight): number {
  const [length] = weight.shape;
  if (length === undefined || weight.shape.length !== 1) {
    throw new EngineError(`${weight.name} has shape [${weight.shape.join(', ')}], a vector is needed`);
  }
  return length;
}

/** Throws where an op's operands do not fit together. */
export function checkWidth(op: string, actual: number, expected: number): void {
  if (actual !== expected) throw new EngineError(`${op}: input is ${actual} wide, expected ${expected}`);
}
