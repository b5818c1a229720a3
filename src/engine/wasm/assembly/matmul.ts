// Matrix products: linear, its input gradient and its weight gradient.

import { argI, argP, ZEROS } from './command';
import { columnTile, columnTile6 } from './columnTiles';
import { rowTiles } from './rowTiles';
import { touch } from './touch';
import { packLeft, packStrip, packTransposed } from './pack';
import { blockBytes, blocksOf, unpackPanel, unpackStrip, unpackedRow } from './quantised';

/** Longest K range held in packed panels at once: 8 columns × 512 × 4 bytes stay in the first-level cache. */
const K_BLOCK: i32 = 512;
/** Forms of quantised matrices, to which the kind is added: B = wᵀ, and B = w. */
const QUANTISED: i32 = 4;
const QUANTISED_STRIPS: i32 = 8;
/** Tokens a weight gradient sums before it moves to the next tile. */
const T_BLOCK: i32 = 256;

/**
 * c[rows, columns] = init + a[rows, K] · B, for columns `column`…`column + columns` of B.
 * Form 0: B = wᵀ with w[·, K] row-major; form 1: B = w with w[K, ·] row-major; form 2: w are the panels of wᵀ that
 * `packPanels` made. Strides in bytes; `init` 0 means zeros, its stride 0 repeats one row.
 * Forms 4 to 6: B = wᵀ for a quantised w[·, K]; forms 8 to 10: B = w for a quantised w[K, ldw / 4].
 * Scratch: (panels · min(K, 512) · 8 + rows · 8) floats, with K rounded up to 32 for quantised w, and 1024 bytes more;
 * form 2 needs only rows · 8.
 */
export function multiplyBlock(
  a: usize,
  lda: usize,
  rows: i32,
  K: i32,
  w: usize,
  ldw: usize,
  form: i32,
  column: i32,
  columns: i32,
  init: usize,
  ldi: usize,
  c: usize,
  ldc: usize,
  scratch: usize,
): void {
  const panels = (columns + 7) >> 3;
  const quantised = form >= QUANTISED;
  const strips = form >= QUANTISED_STRIPS;
  const kind = strips ? form - QUANTISED_STRIPS : form - QUANTISED;
  const perRow = quantised ? blocksOf(strips ? <i32>(ldw >> 2) : K) * blockBytes(kind) : 0;
  const temporary = scratch;
  if (quantised) scratch += 1024;
  const kMost = quantised ? min((K + 31) & ~31, K_BLOCK) : min(K, K_BLOCK);
  const panelBytes = (<usize>kMost) << 5;
  const edge = form == 2 ? scratch : scratch + <usize>panels * panelBytes;
  if (rows == 1 && quantised && !strips) {
    for (let p = 0; p < panels; p++) {
      const width = min(columns - (p << 3), 8);
      const offset = (<usize>p) << 5;
      const start = init == 0 ? ZEROS : init + offset;
      const to = width == 8 ? c + offset : edge;
      unpackedRow(kind, a, w + <usize>((column >> 3) + p) * perRow, K, start, to, temporary);
      if (width < 8) memory.copy(c + offset, edge, (<usize>width) << 2);
    }
    return;
  }
  for (let k0 = 0; k0 < K; k0 += K_BLOCK) {
    const kc = min(K - k0, K_BLOCK);
    for (let p = 0; p < panels && form != 2; p++) {
      const col = column + (p << 3);
      const width = min(columns - (p << 3), 8);
      const to = scratch + <usize>p * panelBytes;
      if (strips) unpackStrip(kind, w, perRow, col, k0, kc, temporary, to);
      else if (quantised) unpackPanel(kind, w + <usize>(col >> 3) * perRow, k0, kc, to);
      else if (form == 0) packTransposed(w + <usize>col * ldw + ((<usize>k0) << 2), ldw, width, kc, to);
      else packStrip(w + <usize>k0 * ldw + ((<usize>col) << 2), ldw, width, kc, to);
    }
    const from = a + ((<usize>k0) << 2);
    for (let p = 0; p < panels; p++) {
      const width = min(columns - (p << 3), 8);
      let panel = scratch + <usize>p * panelBytes;
      if (form == 2) {
        panel = w + ((<usize>((column >> 3) + p) * <usize>K + <usize>k0) << 5);
        touch(panel, (<usize>kc) << 5, edge);
      }
      const offset = (<usize>p) << 5;
      let start = init == 0 ? ZEROS : init + offset;
      let startStride = init == 0 ? 0 : ldi;
      if (k0 > 0) {
        start = c + offset;
        startStride = ldc;
      }
      if (width == 8) {
        rowTiles(from, lda, panel, 32, kc, start, startStride, c + offset, ldc, rows);
      } else {
        // Reading whole vectors past the last column is harmless; writing them would touch the next row.
        rowTiles(from, lda, panel, 32, kc, start, startStride, edge, 32, rows);
        const bytes = (<usize>width) << 2;
        for (let r: usize = 0; r < <usize>rows; r++)
          memory.copy(c + offset + r * ldc, edge + (r << 5), bytes);
      }
    }
  }
}

/** Panels begin…end of wᵀ for w[N,K]: 8 columns each, [K][8]. Arguments: w, panels, N, K. */
export function packPanels(begin: i32, end: i32, scratch: usize): void {
  const N = argI(2);
  const K = argI(3);
  const ldw = (<usize>K) << 2;
  for (let p = begin; p < end; p++) {
    const column = p << 3;
    const to = argP(1) + ((<usize>p * <usize>K) << 5);
    packTransposed(argP(0) + <usize>column * ldw, ldw, min(N - column, 8), K, to);
  }
}

/**
 * Blocks begin…end of c[M,N] = init + a[M,K] · B. A block is `rowBlock` rows by `columnBlock` columns, counted
 * along columns first. Arguments: a, w, form, init, initStride, c, M, N, K, rowBlock, columnBlock.
 */
export function matmul(begin: i32, end: i32, scratch: usize): void {
  const a = argP(0);
  const w = argP(1);
  const form = argI(2);
  const init = argP(3);
  const initStride = <usize>argI(4);
  const c = argP(5);
  const M = argI(6);
  const N = argI(7);
  const K = argI(8);
  const rowBlock = argI(9);
  const columnBlock = argI(10);
  const lda = (<usize>K) << 2;
  const ldc = (<usize>N) << 2;
  const ldw = form == 1 || form >= QUANTISED_STRIPS ? ldc : lda;
  const across = (N + columnBlock - 1) / columnBlock;
  for (let item = begin; item < end; item++) {
    const row = (item / across) * rowBlock;
    const column = (item % across) * columnBlock;
    const offset = (<usize>column) << 2;
    multiplyBlock(
      a + <usize>row * lda,
      lda,
      min(M - row, rowBlock),
      K,
      w,
      ldw,
      form,
      column,
      min(N - column, columnBlock),
      init == 0 ? 0 : init + <usize>row * initStride + offset,
      initStride,
      c + <usize>row * ldc + offset,
      ldc,
      scratch,
    );
  }
}

/**
 * Blocks begin…end of dw[O,I] += dy[T,O]ᵀ · x[T,I]. A block is `rowBlock` rows by `columnBlock` columns (whole panels
 * of 8), counted along columns first. Arguments: dy, x, dw, T, I, O, rowBlock, columnBlock.
 * Scratch: 256 · (columnBlock + 6) + 48 floats.
 */
export function weightGradient(begin: i32, end: i32, scratch: usize): void {
  const I = argI(4);
  const rowBlock = argI(6);
  const columnBlock = argI(7);
  const across = (I + columnBlock - 1) / columnBlock;
  for (let item = begin; item < end; item++) {
    weightGradientBlock((item / across) * rowBlock, rowBlock, (item % across) * columnBlock, columnBlock, scratch);
  }
}

/** Rows `row`…, columns `column`… of the weight gradient. */
function weightGradientBlock(row: i32, rowBlock: i32, column: i32, columnBlock: i32, scratch: usize): void {
  const T = argI(3);
  const I = argI(4);
  const O = argI(5);
  const ldy = (<usize>O) << 2;
  const ldx = (<usize>I) << 2;
  const offset = (<usize>column) << 2;
  const x = argP(1) + offset;
  const dw = argP(2) + offset;
  const columns = min(I - column, columnBlock);
  const panels = (columns + 7) >> 3;
  const panelBytes = (<usize>T_BLOCK) << 5;
  const left = scratch + <usize>panels * panelBytes;
  const edge = left + <usize>T_BLOCK * 24;
  const last = min(O, row + rowBlock);
  for (let t0 = 0; t0 < T; t0 += T_BLOCK) {
    const tc = min(T - t0, T_BLOCK);
    const xBlock = x + <usize>t0 * ldx;
    const dyBlock = argP(0) + <usize>t0 * ldy;
    for (let p = 0; p < panels; p++) {
      packStrip(xBlock + ((<usize>p) << 5), ldx, min(columns - (p << 3), 8), tc, scratch + <usize>p * panelBytes);
    }
    for (let o = row; o < last; ) {
      const height = tileHeight(last - o);
      packLeft(dyBlock + ((<usize>o) << 2), ldy, height, tc, left);
      const out = dw + <usize>o * ldx;
      for (let p = 0; p < panels; p++) {
        const width = min(columns - (p << 3), 8);
        const panel = scratch + <usize>p * panelBytes;
        const c = out + ((<usize>p) << 5);
        if (width == 8 && height >= 4) {
          if (height == 6) columnTile6(left, 24, panel, tc, c, ldx);
          else columnTile(left, 16, panel, tc, c, ldx);
          continue;
        }
        const bytes = (<usize>width) << 2;
        for (let r: usize = 0; r < <usize>height; r++) memory.copy(edge + (r << 5), c + r * ldx, bytes);
        if (height == 6) columnTile6(left, 24, panel, tc, edge, 32);
        else columnTile(left, 16, panel, tc, edge, 32);
        for (let r: usize = 0; r < <usize>height; r++) memory.copy(c + r * ldx, edge + (r << 5), bytes);
      }
      o += height;
    }
  }
}

/** Rows of the next tile where `rest` rows are left: 6 as long as that leaves no narrow tile, else up to 4. */
@inline function tileHeight(rest: i32): i32 {
  return rest >= 12 || rest == 6 ? 6 : min(rest, 4);
}
