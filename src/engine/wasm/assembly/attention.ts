// Attention over packed sequences: blocks of 24 rows against all keys of their segment and of those before it on its
// path through a prefix tree. A block's rows are the same queries of up to four heads that share the keys, head after
// head: fewer queries at a time waste less above the diagonal, and tiles of six rows leave no rest.

import { argI, argP, argF, ZEROS } from './command';
import { expSmall4, hsum, log1, madd } from './simd';
import { exponentials, hide, largest } from './softmax';
import { columnTile, columnTile6 } from './columnTiles';
import { rowTiles } from './rowTiles';
import { copyPadded, packChannels, packRows, packStrip } from './pack';
import { gatherPath, isAlone, pathBefore, scatterPath } from './path';

/** Rows scored together. Scores live in a [24, keys] block: memory grows with length, not its square. */
const ROWS: i32 = 24;
/** Most heads in a block: ROWS is a multiple of every number up to it. */
const MOST_HEADS: i32 = 4;

@inline function roundUp8(n: i32): i32 {
  return (n + 7) & ~7;
}

/**
 * Work items begin…end of S·Hkv (segment, then key head). A segment's keys are those on its path (path.ts).
 * Arguments: q, k, v, starts, parents, out, lse, Hq, Hkv, C, causal, scale.
 * Scratch for the longest path L: 8·ceil(L/8)·(C + 24) + L·(Cp + C) + 2·24·Cp floats, Cp = 8·ceil(C/8).
 */
export function attention(begin: i32, end: i32, scratch: usize): void {
  const starts = argP(3);
  const parents = argP(4);
  const Hq = argI(7);
  const Hkv = argI(8);
  const C = argI(9);
  const causal = argI(10) != 0;
  const scale = f32x4.splat(argF(11));
  const group = Hq / Hkv;
  const Cp = roundUp8(C);
  const ldq = <usize>(Hq * C) << 2;
  const ldkv = <usize>(Hkv * C) << 2;
  const ldc = <usize>Cp << 2;
  for (let item = begin; item < end; item++) {
    const s = item / Hkv;
    const kvHead = item % Hkv;
    const t0 = load<i32>(starts + (<usize>s << 2));
    const own = load<i32>(starts + (<usize>s << 2), 4) - t0;
    if (own == 0) continue;
    const before = pathBefore(s, starts, parents);
    const L = before + own;
    const Lp = roundUp8(L);
    const kvOffset = <usize>(kvHead * C) << 2;
    const keys = scratch;
    const values = keys + (<usize>(Lp * C) << 2);
    const scores = values + (<usize>(L * Cp) << 2);
    const lds = <usize>Lp << 2;
    const queries = scores + <usize>ROWS * lds;
    const sums = queries + <usize>ROWS * ldc;
    const path = sums + <usize>ROWS * ldc;
    packPathRows(argP(1) + kvOffset, ldkv, s, starts, parents, L, C, path, keys);
    packPathChannels(argP(2) + kvOffset, ldkv, s, starts, parents, L, C, path, values);
    for (let g = 0; g < group; g += MOST_HEADS) {
      const h = kvHead * group + g;
      const heads = min(group - g, MOST_HEADS);
      const together = ROWS / heads;
      const qOffset = <usize>t0 * ldq + (<usize>(h * C) << 2);
      for (let i0 = 0; i0 < own; i0 += together) {
        const count = min(own - i0, together);
        const rows = count * heads;
        const reach = causal ? before + i0 + count : L;
        const reachPadded = roundUp8(reach);
        const at = qOffset + <usize>i0 * ldq;
        gatherHeads(argP(0) + at, ldq, queries, count, heads, C, Cp);
        for (let i: usize = 0; i < <usize>rows * ldc; i += 16) {
          v128.store(queries + i, f32x4.mul(v128.load(queries + i), scale));
        }
        for (let j = 0; j < reach; j += 8) {
          rowTiles(queries, ldc, keys + (<usize>(j * C) << 2), 32, C, ZEROS, 0, scores + (<usize>j << 2), lds, rows);
        }
        for (let r = 0; r < rows; r++) {
          const i = i0 + r % count;
          const row = scores + <usize>r * lds;
          const visible = causal ? before + i + 1 : L;
          hide(row, visible, reachPadded);
          const bytes = <usize>reachPadded << 2;
          const most = largest(row, bytes);
          const sum = exponentials(row, bytes, most);
          store<f32>(argP(6) + (<usize>((t0 + i) * Hq + h + r / count) << 2), most + log1(sum));
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
        }
        scatterHeads(sums, argP(5) + at, ldq, count, heads, C, Cp);
      }
    }
  }
}

/** Rows of a block, [heads · count][Cp], from `count` queries of neighbouring heads in x. */
@inline function gatherHeads(x: usize, ld: usize, to: usize, count: i32, heads: i32, C: i32, Cp: i32): void {
  for (let g = 0; g < heads; g++) {
    copyPadded(x + (<usize>(g * C) << 2), ld, to + (<usize>(g * count * Cp) << 2), <usize>Cp << 2, count, C, Cp);
  }
}

/** The other way round. */
@inline function scatterHeads(from: usize, x: usize, ld: usize, count: i32, heads: i32, C: i32, Cp: i32): void {
  for (let g = 0; g < heads; g++) {
    copyPadded(from + (<usize>(g * count * Cp) << 2), <usize>Cp << 2, x + (<usize>(g * C) << 2), ld, count, C, C);
  }
}

/** `packRows` of the rows on a path; a segment alone is packed from where it lies. */
function packPathRows(
  x: usize, ld: usize, s: i32, starts: usize, parents: usize, L: i32, C: i32, path: usize, to: usize,
): void {
  if (isAlone(s, parents)) {
    packRows(x + <usize>load<i32>(starts + (<usize>s << 2)) * ld, ld, L, C, to);
  } else {
    gatherPath(x, ld, s, starts, parents, L, C, path);
    packRows(path, <usize>C << 2, L, C, to);
  }
}

/** `packChannels` of the rows on a path. */
function packPathChannels(
  x: usize, ld: usize, s: i32, starts: usize, parents: usize, L: i32, C: i32, path: usize, to: usize,
): void {
  if (isAlone(s, parents)) {
    packChannels(x + <usize>load<i32>(starts + (<usize>s << 2)) * ld, ld, L, C, to);
  } else {
    gatherPath(x, ld, s, starts, parents, L, C, path);
    packChannels(path, <usize>C << 2, L, C, to);
  }
}

/** Of one row: p = exp(scale·s − lse) in place of the scores s, and dS = p·(dP − delta)·scale in place of dP. */
function probabilityGradient(p: usize, d: usize, bytes: usize, scale: v128, negativeLse: v128, delta: v128): void {
  const end = p + bytes;
  do {
    const probability = expSmall4(madd(v128.load(p), scale, negativeLse));
    v128.store(p, probability);
    v128.store(d, f32x4.mul(f32x4.mul(probability, f32x4.sub(v128.load(d), delta)), scale));
    p += 16;
    d += 16;
  } while (p < end);
}

/** Σ a·b over C numbers. */
function dot(a: usize, b: usize, C: i32): f32 {
  const end = a + (<usize>C << 2);
  let sums = f32x4.splat(0);
  for (; a + 16 <= end; a += 16) {
    sums = madd(v128.load(a), v128.load(b), sums);
    b += 16;
  }
  let sum = hsum(sums);
  for (; a < end; a += 4) {
    sum += load<f32>(a) * load<f32>(b);
    b += 4;
  }
  return sum;
}

/**
 * Work items begin…end of R·Hkv (tree, then key head): a key head sums over the query heads that share it and over
 * the segments of its tree, in order. Tree r holds segments trees[r]…trees[r+1]; `trees` 0: a segment each.
 * Arguments: q, k, v, starts, parents, trees, out, lse, dout, dq, dk, dv, Hq, Hkv, C, causal, scale.
 * Scratch for the longest path L: 8·ceil(L/8)·(2·C + 3·Cp + 48) + L·C + 24·Cp·5 floats.
 */
export function attentionBackward(begin: i32, end: i32, scratch: usize): void {
  const trees = argP(5);
  const Hkv = argI(13);
  for (let item = begin; item < end; item++) {
    const tree = item / Hkv;
    let s = tree;
    let last = tree + 1;
    if (trees != 0) {
      s = load<i32>(trees + (<usize>tree << 2));
      last = load<i32>(trees + (<usize>tree << 2), 4);
    }
    for (; s < last; s++) segmentBackward(s, item % Hkv, scratch);
  }
}

/** c[width,8] += aᵀ · panel[rows,8] for a[rows, width]; `width` is a multiple of 8. */
function addColumns(a: usize, lda: usize, panel: usize, rows: i32, c: usize, ldc: usize, width: i32): void {
  while (width > 0) {
    if (width >= 6 && width != 8) {
      columnTile6(a, lda, panel, rows, c, ldc);
      a += 24;
      c += 6 * ldc;
      width -= 6;
    } else {
      columnTile(a, lda, panel, rows, c, ldc);
      a += 16;
      c += 4 * ldc;
      width -= 4;
    }
  }
}

/** dq of a segment; dk and dv of its own tokens, and its share of those of the tokens before them. */
function segmentBackward(s: i32, kvHead: i32, scratch: usize): void {
  const starts = argP(3);
  const parents = argP(4);
  const Hq = argI(12);
  const Hkv = argI(13);
  const C = argI(14);
  const causal = argI(15) != 0;
  const scale = f32x4.splat(argF(16));
  const Cp = roundUp8(C);
  const group = Hq / Hkv;
  const ldq = <usize>(Hq * C) << 2;
  const ldkv = <usize>(Hkv * C) << 2;
  const ldc = <usize>Cp << 2;
  const t0 = load<i32>(starts + (<usize>s << 2));
  const own = load<i32>(starts + (<usize>s << 2), 4) - t0;
  if (own == 0) return;
  const before = pathBefore(s, starts, parents);
  const L = before + own;
  const Lp = roundUp8(L);
  const lds = <usize>Lp << 2;
  const kvOffset = <usize>(kvHead * C) << 2;
  const keyRows = scratch;
  const valueRows = keyRows + (<usize>(Lp * C) << 2);
  const keyChannels = valueRows + (<usize>(Lp * C) << 2);
  const dKeys = keyChannels + (<usize>(Lp * Cp) << 2);
  const dValues = dKeys + <usize>Lp * ldc;
  const probs = dValues + <usize>Lp * ldc;
  const dScores = probs + <usize>ROWS * lds;
  const queries = dScores + <usize>ROWS * lds;
  const dOut = queries + <usize>ROWS * ldc;
  const queryPanels = dOut + <usize>ROWS * ldc;
  const dOutPanels = queryPanels + <usize>ROWS * ldc;
  const dQueries = dOutPanels + <usize>ROWS * ldc;
  const path = dQueries + <usize>ROWS * ldc;
  packPathRows(argP(2) + kvOffset, ldkv, s, starts, parents, L, C, path, valueRows);
  packPathRows(argP(1) + kvOffset, ldkv, s, starts, parents, L, C, path, keyRows);
  packPathChannels(argP(1) + kvOffset, ldkv, s, starts, parents, L, C, path, keyChannels);
  memory.fill(dKeys, 0, <usize>Lp * ldc * 2);
  for (let g = 0; g < group; g += MOST_HEADS) {
    const h = kvHead * group + g;
    const heads = min(group - g, MOST_HEADS);
    const together = ROWS / heads;
    const qOffset = <usize>t0 * ldq + (<usize>(h * C) << 2);
    for (let i0 = 0; i0 < own; i0 += together) {
      const count = min(own - i0, together);
      const rows = count * heads;
      const reach = causal ? before + i0 + count : L;
      const reachPadded = roundUp8(reach);
      const at = qOffset + <usize>i0 * ldq;
      gatherHeads(argP(0) + at, ldq, queries, count, heads, C, Cp);
      gatherHeads(argP(8) + at, ldq, dOut, count, heads, C, Cp);
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
        const i = i0 + r % count;
        const head = h + r / count;
        const out = argP(6) + <usize>(t0 + i) * ldq + (<usize>(head * C) << 2);
        const delta = f32x4.splat(dot(out, dOut + <usize>r * ldc, C));
        const lse = f32x4.splat(-load<f32>(argP(7) + (<usize>((t0 + i) * Hq + head) << 2)));
        const probRow = probs + <usize>r * lds;
        const dRow = dScores + <usize>r * lds;
        const visible = causal ? before + i + 1 : L;
        hide(probRow, visible, reachPadded);
        probabilityGradient(probRow, dRow, <usize>reachPadded << 2, scale, lse, delta);
      }
      for (let c = 0; c < C; c += 8) {
        const channels = keyChannels + (<usize>(c * L) << 2);
        const column = <usize>c << 2;
        rowTiles(dScores, lds, channels, 32, reach, ZEROS, 0, dQueries + column, ldc, rows);
        const panel = <usize>(c * rows) << 2;
        addColumns(probs, lds, dOutPanels + panel, rows, dValues + column, ldc, reachPadded);
        addColumns(dScores, lds, queryPanels + panel, rows, dKeys + column, ldc, reachPadded);
      }
      scatterHeads(dQueries, argP(9) + at, ldq, count, heads, C, Cp);
    }
  }
  scatterPath(dKeys, ldc, s, starts, parents, L, C, argP(10) + kvOffset, ldkv);
  scatterPath(dValues, ldc, s, starts, parents, L, C, argP(11) + kvOffset, ldkv);
}
