// The fused head: hidden states to per-token logprob and entropy, in vocabulary chunks.

import { argF, argI, argP } from './command';
import { expSmall4, hmax, hsum, log1, madd } from './simd';
import { multiplyBlock } from './matmul';
import { hide } from './softmax';

/** Vocabulary entries scored at a time. Fixed, so a row's sums never depend on the batch. */
const CHUNK: i32 = 512;
/** In place of a form in `headGradient`: dz holds the scaled logits already. */
const KEPT: i32 = 3;

/**
 * Row blocks begin…end. Arguments: h, w, targets, logprob, entropy, lse, N, D, V, scale, rowBlock, form of w, kept:
 * where all scaled logits are left, [N,V] with V a multiple of 4, or 0.
 * Scratch: rowBlock·(512 logits + 4 running sums), then the scratch of `multiplyBlock` for 512 columns.
 */
export function head(begin: i32, end: i32, scratch: usize): void {
  const N = argI(6);
  const D = argI(7);
  const V = argI(8);
  const scale = f32x4.splat(argF(9));
  const rowBlock = argI(10);
  const form = argI(11);
  const row = <usize>D << 2;
  const kept = argP(12);
  const ldz = <usize>(kept == 0 ? CHUNK : V) << 2;
  // Per row: the largest z so far, Σ exp(z − largest), Σ exp(z − largest)·(z − largest), and the target's z.
  const state = scratch + ((<usize>rowBlock * CHUNK) << 2);
  const panels = state + (<usize>rowBlock << 4);
  for (let block = begin; block < end; block++) {
    const first = block * rowBlock;
    const rows = min(N - first, rowBlock);
    for (let r = 0; r < rows; r++) {
      const at = state + (<usize>r << 4);
      store<f32>(at, -Infinity);
      store<f32>(at, 0, 4);
      store<f32>(at, 0, 8);
      store<f32>(at, 0, 12);
    }
    for (let v0 = 0; v0 < V; v0 += CHUNK) {
      const count = min(V - v0, CHUNK);
      const logits = kept == 0 ? scratch : kept + <usize>first * ldz + (<usize>v0 << 2);
      multiplyBlock(
        argP(0) + <usize>first * row, row, rows, D,
        argP(1), row, form, v0, count, 0, 0, logits, ldz, panels,
      );
      for (let r = 0; r < rows; r++) {
        const target = load<i32>(argP(2) + (<usize>(first + r) << 2));
        foldRow(logits + <usize>r * ldz, count, scale, target - v0, state + (<usize>r << 4));
      }
    }
    for (let r = 0; r < rows; r++) {
      const at = state + (<usize>r << 4);
      const n = <usize>(first + r) << 2;
      const sum = load<f32>(at, 4);
      const logSum = log1(sum);
      const lse = load<f32>(at) + logSum;
      store<f32>(argP(5) + n, lse);
      store<f32>(argP(3) + n, load<f32>(at, 12) - lse);
      store<f32>(argP(4) + n, logSum - load<f32>(at, 8) / sum);
    }
  }
}

/** Folds `count` logits into a row's running sums; `target` is the target's place in this chunk, if inside. */
function foldRow(z: usize, count: i32, scale: v128, target: i32, state: usize): void {
  const padded = (count + 3) & ~3;
  const bytes = <usize>padded << 2;
  hide(z, count, padded);
  const before = load<f32>(state);
  const most = max<f32>(scaledLargest(z, bytes, scale), before);
  if (target >= 0 && target < count) store<f32>(state, load<f32>(z + (<usize>target << 2)), 12);
  const oldSum = load<f32>(state, 4);
  const oldWeighted = load<f32>(state, 8);
  store<f32>(state, most);
  chunkSums(z, bytes, most, state + 4);
  if (oldSum > 0) {
    const drop = before - most;
    const factor = <f32>Math.exp(<f64>drop);
    store<f32>(state, load<f32>(state, 4) + oldSum * factor, 4);
    store<f32>(state, load<f32>(state, 8) + (oldWeighted + oldSum * drop) * factor, 8);
  }
}

/** Multiplies the logits by `scale` and returns the largest. */
function scaledLargest(z: usize, bytes: usize, scale: v128): f32 {
  const end = z + bytes;
  let top = f32x4.splat(-Infinity);
  do {
    const scaled = f32x4.mul(v128.load(z), scale);
    v128.store(z, scaled);
    top = f32x4.pmax(top, scaled);
    z += 16;
  } while (z < end);
  return hmax(top);
}

/** to[0] = Σ exp(x), to[1] = Σ exp(x)·x with x = z − shift. */
function chunkSums(z: usize, bytes: usize, shift: f32, to: usize): void {
  const end = z + bytes;
  const shifts = f32x4.splat(shift);
  let sums = f32x4.splat(0);
  let weighted = f32x4.splat(0);
  do {
    // Below −100 exp4 is 0; the clamp keeps 0·∞ out of the sum.
    const x = f32x4.pmax(f32x4.sub(v128.load(z), shifts), f32x4.splat(-100));
    const p = expSmall4(x);
    sums = f32x4.add(sums, p);
    weighted = madd(p, x, weighted);
    z += 16;
  } while (z < end);
  store<f32>(to, hsum(sums));
  store<f32>(to, hsum(weighted), 4);
}

/**
 * Row blocks begin…end: dz[rows, vCount] = scale · ∂loss/∂z for vocabulary entries vFirst… .
 * Arguments: h, w, targets, entropy, lse, gLogprob, gEntropy, dz, N, D, vFirst, vCount, scale, rowBlock,
 * form of w: KEPT means that dz holds the scaled logits, and w is not read.
 * Scratch: that of `multiplyBlock` for 512 columns.
 */
export function headGradient(begin: i32, end: i32, scratch: usize): void {
  const N = argI(8);
  const D = argI(9);
  const vFirst = argI(10);
  const vCount = argI(11);
  const scale = argF(12);
  const rowBlock = argI(13);
  const form = argI(14);
  const row = <usize>D << 2;
  const ldz = <usize>vCount << 2;
  for (let block = begin; block < end; block++) {
    const first = block * rowBlock;
    const rows = min(N - first, rowBlock);
    const dz = argP(7) + <usize>first * ldz;
    for (let v0 = 0; v0 < vCount && form != KEPT; v0 += CHUNK) {
      multiplyBlock(
        argP(0) + <usize>first * row, row, rows, D,
        argP(1), row, form, vFirst + v0, min(vCount - v0, CHUNK), 0, 0, dz + (<usize>v0 << 2), ldz, scratch,
      );
    }
    for (let r = 0; r < rows; r++) {
      const n = <usize>(first + r) << 2;
      const target = load<i32>(argP(2) + n) - vFirst;
      const gradLogprob = load<f32>(argP(5) + n);
      const at = dz + <usize>r * ldz;
      gradientRow(at, vCount, form == KEPT ? 1 : scale, scale, load<f32>(argP(4) + n), load<f32>(argP(3) + n), gradLogprob, load<f32>(argP(6) + n));
      if (target >= 0 && target < vCount) {
        const place = at + (<usize>target << 2);
        store<f32>(place, load<f32>(place) + scale * gradLogprob);
      }
    }
  }
}

/** dz = scale·(−gL·p − gE·p·(log p + H)) in place of the logits z, which are still to be multiplied by `toScale`. */
@inline function gradient4(
  z: v128, toScale: v128, scale: v128, lse: v128, entropy: v128, gL: v128, gE: v128,
): v128 {
  const logp = f32x4.sub(f32x4.mul(z, toScale), lse);
  const p = expSmall4(logp);
  const inner = madd(gE, f32x4.add(f32x4.pmax(logp, f32x4.splat(-100)), entropy), gL);
  return f32x4.mul(f32x4.mul(p, inner), f32x4.neg(scale));
}

function gradientRow(
  z: usize, count: i32, toScale: f32, scale: f32, lse: f32, entropy: f32, gL: f32, gE: f32,
): void {
  const t = f32x4.splat(toScale);
  const s = f32x4.splat(scale);
  const l = f32x4.splat(lse);
  const e = f32x4.splat(entropy);
  const a = f32x4.splat(gL);
  const b = f32x4.splat(gE);
  const stop = z + (<usize>count << 2);
  if (z + 16 <= stop) {
    do {
      v128.store(z, gradient4(v128.load(z), t, s, l, e, a, b));
      z += 16;
    } while (z + 16 <= stop);
  }
  for (; z < stop; z += 4) {
    store<f32>(z, f32x4.extract_lane(gradient4(v128.load32_splat(z), t, s, l, e, a, b), 0));
  }
}
