/**
 * RoPE (Su et al. 2021), half-split layout, in place on x[T, H·C]; one invocation a pair.
 *
 *   angle = position · theta^(−2i/C);  (a, b) ← (a cos − b sin, b cos + a sin), sin negated for the inverse
 *
 * The angle is kept as a fraction of a turn in 32 fixed-point bits: position · frequency wraps exactly where a
 * float product would lose digits, at 1.5e−9 radians a position. sin and cos are the Cephes polynomials on
 * ±π/4, because WGSL promises only 2^−11 for its own.
 */

import { ropeFrequencies, type RopeScaling } from '../../ropeScaling.ts';
import { input, output } from '../kernel.ts';
import type { Kernel } from '../kernel.ts';
import { forEachElement } from './elementwise.ts';

/** Turns per position for each i < C/2, as fractions of 2^32. */
export function ropeTurns(C: number, theta: number, scaling?: RopeScaling): Int32Array {
  return Int32Array.from(ropeFrequencies(C, theta, scaling), (frequency) =>
    Math.round((frequency / (2 * Math.PI)) * 2 ** 32),
  );
}

export const ropeKernel: Kernel = {
  name: 'rope',
  bindings: [input('positions', 'i32'), input('frequencies', 'i32'), output('x')],
  params: [
    ['n', 'u32'],
    ['H', 'u32'],
    ['C', 'u32'],
    ['direction', 'f32'],
  ],
  body: `
// (cos, sin) of phase · 2π / 2^32.
fn rotation(phase: u32) -> vec2f {
  let quadrant = (phase + 0x20000000u) >> 30u;
  let r = f32(bitcast<i32>(phase - (quadrant << 30u))) * ${(2 * Math.PI) / 2 ** 32};
  let z = r * r;
  let s = r + r * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
  let c = 1.0 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
  switch quadrant {
    case 0u: { return vec2f(c, s); }
    case 1u: { return vec2f(-s, c); }
    case 2u: { return vec2f(-c, -s); }
    default: { return vec2f(s, -c); }
  }
}
${forEachElement(`
  let half = P.C / 2u;
  let pair = i % half;
  let head = i / half;
  let turn = rotation(bitcast<u32>(positions[head / P.H]) * bitcast<u32>(frequencies[pair]));
  let s = turn.y * P.direction;
  let at = head * P.C + pair;
  let a = x[at];
  let b = x[at + half];
  x[at] = a * turn.x - b * s;
  x[at + half] = b * turn.x + a * s;`)}`,
};
