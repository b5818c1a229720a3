/** 16-bit floats as stored in weight files. */
import { EngineError } from './backend.ts';

const buffer = new DataView(new ArrayBuffer(4));

/** f32 → IEEE half, rounding to nearest, ties to even; beyond ±65504 becomes infinity. */
export function toHalf(value: number): number {
  buffer.setFloat32(0, value);
  const bits = buffer.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  const unbiased = exponent - 127;
  if (unbiased >= 16) return sign | 0x7c00;
  if (unbiased >= -14) {
    const half = ((unbiased + 15) << 10) | (mantissa >>> 13);
    // A carry out of the mantissa moves into the exponent, which is the right result (up to infinity).
    return sign | (half + roundUp(mantissa & 0x1fff, 0x1000, half));
  }
  if (unbiased < -25) return sign;
  const shift = -unbiased - 1; // 14…24: how far the 24-bit mantissa moves right to become a subnormal
  const full = mantissa | 0x800000;
  const half = full >>> shift;
  return sign | (half + roundUp(full & ((1 << shift) - 1), 1 << (shift - 1), half));
}

function roundUp(rest: number, middle: number, half: number): number {
  return rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0;
}

/**
 * `toHalf` for weights of a file.
 * @param name of the tensor, for the error
 * @throws EngineError where the number does not fit
 */
export function toFittingHalf(value: number, name: string): number {
  const half = toHalf(value);
  if ((half & 0x7fff) === 0x7c00 && Number.isFinite(value)) {
    throw new EngineError(`${name} holds ${value}, too large for F16 (65504): save it as F32`);
  }
  return half;
}

/** IEEE half → f32, exact. */
export function fromHalf(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** f32 → bfloat16 bits, rounding to nearest, ties to even. */
export function toBrain(value: number): number {
  buffer.setFloat32(0, value);
  const bits = buffer.getUint32(0);
  const brain = bits >>> 16;
  // The mantissa of a NaN must not round to that of an infinity.
  if (Number.isNaN(value)) return brain | 0x40;
  return brain + roundUp(bits & 0xffff, 0x8000, brain);
}

/** bfloat16 bits → f32, exact. */
export function fromBrain(bits: number): number {
  buffer.setUint32(0, bits << 16);
  return buffer.getFloat32(0);
}
