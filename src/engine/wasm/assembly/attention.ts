// Attention over packed sequences: blocks of 16 queries against all keys of their segment.

import { argI, argP, argF, ZEROS } from './command';
import { exp4, log1, madd } from './simd';
import { exponentials, hide, largest } from './softmax';
import { columnTile, rowTiles } from './tiles';
import { copyPadded, packChannels, packRows, packStrip } from './pack';

/** Queries scored together. Scores live in a [16, keys] block: memory grows with length, not its square. */
const QUERIES: i32 = 16;

@inline function roundUp8(n: i32): i32 {
  return (n + 7) & ~7;
}

/**
 * Work items begin…end of S·Hq (segment, then query head).
 * Arguments: q, k, v, starts, out, lse, Hq, Hkv, C, causal, scale.
 * Scratch for the longest segment L: 8·ceil(L/8)·(C + 16) + L·Cp + 2·16·Cp floats, Cp = 8·ceil(C/8).
 */
export function attention(begin: i32, end: i32, scratch: usize): void {
  const starts = argP(3);
  const Hq = argI(6);
  const Hkv = argI(7);
  const C = argI(8);
  const causal = argI(9) != 0;
  const scale = f32x4.splat(argF(10));
  const Cp = roundUp8(C);
  const ldq = <usize>(Hq * C) << 2;
  const ldkv = <usize>(Hkv * C) << 2;
  const ldc = <usize>Cp << 2;
  for (let item = begin; item < end; item++) {
    const s = item / Hq;
    const h = item % Hq;
    const t0 = load<i32>(starts + (<usize>s << 2));
    const L = load<i32>(starts + (<usize>s << 2), 4) - t0;
    if (L == 0) continue;
    const Lp = roundUp8(L);
    const kvHead = h / (Hq / Hkv);
    const kvOffset = <usize>t0 * ldkv + (<usize>(kvHead * C) << 2);
    const qOffset = <usize>t0 * ldq + (<usize>(h * C) << 2);
    const keys = scratch;
    const values = keys + (<usize>(Lp * C) << 2);
    const scores = values + (<usize>(L * Cp) << 2);
    const lds = <usize>Lp << 2;
    const queries = scores + <usize>QUERIES * lds;
    const sums = queries + <usize>QUERIES * ldc;
    packRows(argP(1) + kvOffset, ldkv, L, C, keys);
    packChannels(argP(2) + kvOffset, ldkv, L, C, values);
    for (let i0 = 0; i0 < L; i0 += QUERIES) {
      const rows = min(L - i0, QUERIES);
      const reach = causal ? i0 + rows : L;
      const reachPadded = roundUp8(reach);
      copyPadded(argP(0) + qOffset + <usize>i0 * ldq, ldq, queries, ldc, rows, C, Cp);
      for (let i: usize = 0; i < <usize>rows * ldc; i += 16) {
        v128.store(queries + i, f32x4.mul(v128.load(queries + i), scale));
      }
      for (let j = 0; j < reach; j += 8) {
        rowTiles(queries, ldc, keys + (<usize>(j * C) << 2), 32, C, ZEROS, 0, scores + (<usize>j << 2), lds, rows);
      }
      for (let r = 0; r < rows; r++) {
        const row = scores + <usize>r * lds;
        const visible = causal ? i0 + r + 1 : L;
        hide(row, visible, reachPadded);
        const bytes = <usize>reachPadded << 2;
        const most = largest(row, bytes);
        const sum = exponentials(row, bytes, most);
        store<f32>(argP(5) + (<usize>((t0 + i0 + r) * Hq + h) << 2), most + log1(sum));
        // This row's query is spent; its place keeps the reciprocal until the values are summed.
        store<f32>(queries + <usize>r * ldc, 1 / sum);
      }
      for (let c = 0; c < C; c += 8) {
        rowTiles(scores, lds, values + (<usize>(c * L) << 2), 32, reach, ZEROS, 0, sums + (<usize>c << 2), ldc, rows);
      }
      for (let r = 0; r < rows; r++) {
        const inverse = f32x4.splat(load<f32>(queries + <usize>r * ldc));
        const row = sums + <usize>r * ldc;
        for (let c: usize = 0; c < ldc; c += 16) v128.store(row + c, f32x4.mul(v128.load(row + c), inverse));
        memory.copy(argP(4) + qOffset + <usize>(i0 + r) * ldq, row, <usize>C << 2);
      }
    }
  }
}

/** Of one row: p = exp(scale·s − lse) in place of the scores s, and dS = p·(dP − delta)·scale in place of dP. */
function probabilityGradient(p: usize, d: usize, bytes: usize, scale: v128, negativeLse: v128, delta: v128): void {
  const end = p + bytes;
  do {
    const probability = exp4(madd(v128.load(p), scale, negativeLse));
    v128.store(p, probability);
    v128.store(d, f32x4.mul(f32x4.mul(probability, f32x4.sub(v128.load(d), delta)), scale));
    p += 16;
    d += 16;
  } while (p < end);
}

/**
 * Work items begin…end of S·Hkv (segment, then key head); a key head sums over the query heads that share it.
 * Arguments: q, k, v, starts, out, lse, dout, dq, dk, dv, Hq, Hkv, C, causal, scale.
 * Scratch for the longest segment L: 8·ceil(L/8)·(2·C + 3·Cp + 32) + 16·Cp·5 floats.
 */
export function attentionBackward(begin: i32, end: i32, scratch: usize): void {
  const starts = argP(3);
  const Hq = argI(10);
  const Hkv = argI(11);
  const C = argI(12);
  const causal = argI(13) != 0;
  const scale = f32x4.splat(argF(14));
  const Cp = roundUp8(C);
  const group = Hq / Hkv;
  const ldq = <usize>(Hq * C) << 2;
  const ldkv = <usize>(Hkv * C) << 2;
  const ldc = <usize>Cp << 2;
  for (let item = begin; item < end; item++) {
    const s = item / Hkv;
    const kvHead = item % Hkv;
    const t0 = load<i32>(starts + (<usize>s << 2));
    const L = load<i32>(starts + (<usize>s << 2), 4) - t0;
    if (L == 0) continue;
    const Lp = roundUp8(L);
    const lds = <usize>Lp << 2;
    const kvOffset = <usize>t0 * ldkv + (<usize>(kvHead * C) << 2);
    const keyRows = scratch;
    const valueRows = keyRows + (<usize>(Lp * C) << 2);
    const keyChannels = valueRows + (<usize>(Lp * C) << 2);
    const dKeys = keyChannels + (<usize>(Lp * Cp) << 2);
    const dValues = dKeys + <usize>Lp * ldc;
    const probs = dValues + <usize>Lp * ldc;
    const dScores = probs + <usize>QUERIES * lds;
    const queries = dScores + <usize>QUERIES * lds;
    const dOut = queries + <usize>QUERIES * ldc;
    const queryPanels = dOut + <usize>QUERIES * ldc;
    const dOutPanels = queryPanels + <usize>QUERIES * ldc;
    const dQueries = dOutPanels + <usize>QUERIES * ldc;
    packRows(argP(1) + kvOffset, ldkv, L, C, keyRows);
    packRows(argP(2) + kvOffset, ldkv, L, C, valueRows);
    packChannels(argP(1) + kvOffset, ldkv, L, C, keyChannels);
    memory.fill(dKeys, 0, <usize>Lp * ldc * 2);
    for (let g = 0; g < group; g++) {
      const h = kvHead * group + g;
      const qOffset = <usize>t0 * ldq + (<usize>(h * C) << 2);
      for (let i0 = 0; i0 < L; i0 += QUERIES) {
        const rows = min(L - i0, QUERIES);
        const reach = causal ? i0 + rows : L;
        const reachPadded = roundUp8(reach);
        const at = qOffset + <usize>i0 * ldq;
        copyPadded(argP(0) + at, ldq, queries, ldc, rows, C, Cp);
        copyPadded(argP(6) + at, ldq, dOut, ldc, rows, C, Cp);
        for (let c = 0; c < C; c += 8) {
          packStrip(queries + (<usize>c << 2), ldc, 8, rows, queryPanels + (<usize>(c * rows) << 2));
          packStrip(dOut + (<usize>c << 2), ldc, 8, rows, dOutPanels + (<usize>(c * rows) << 2));
        }
        for (let j = 0; j < reach; j += 8) {
          const offset = <usize>(j * C) << 2;
          const to = <usize>j << 2;
          rowTiles(queries, ldc, keyRows + offset, 32, C, ZEROS, 0, probs + to, lds, rows);
          rowTiles(dOut, ldc, valueRows + offset, 32, C, ZEROS, 0, dScores + to, lds, rows);
        }
        for (let r = 0; r < rows; r++) {
          const outRow = argP(4) + at + <usize>r * ldq;
          const dOutRow = dOut + <usize>r * ldc;
          let dot: f32 = 0;
          for (let c: usize = 0; c < <usize>C << 2; c += 4) dot += load<f32>(outRow + c) * load<f32>(dOutRow + c);
          const delta = f32x4.splat(dot);
          const lse = f32x4.splat(-load<f32>(argP(5) + (<usize>((t0 + i0 + r) * Hq + h) << 2)));
          const probRow = probs + <usize>r * lds;
          const dRow = dScores + <usize>r * lds;
          const visible = causal ? i0 + r + 1 : L;
          hide(probRow, visible, reachPadded);
          probabilityGradient(probRow, dRow, <usize>reachPadded << 2, scale, lse, delta);
        }
        for (let c = 0; c < C; c += 8) {
          const channels = keyChannels + (<usize>(c * L) << 2);
          rowTiles(dScores, lds, channels, 32, reach, ZEROS, 0, dQueries + (<usize>c << 2), ldc, rows);
          const panel = <usize>(c * rows) << 2;
          for (let j = 0; j < reach; j += 4) {
            const to = <usize>j * ldc + (<usize>c << 2);
            columnTile(probs + (<usize>j << 2), lds, dOutPanels + panel, rows, dValues + to, ldc);
            columnTile(dScores + (<usize>j << 2), lds, queryPanels + panel, rows, dKeys + to, ldc);
          }
        }
        copyPadded(dQueries, ldc, argP(7) + at, ldq, rows, C, C);
      }
    }
    copyPadded(dKeys, ldc, argP(8) + kvOffset, ldkv, L, C, C);
    copyPadded(dValues, ldc, argP(9) + kvOffset, ldkv, L, C, C);
  }
}
