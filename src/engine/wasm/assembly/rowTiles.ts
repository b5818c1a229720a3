// Register tiles: the inner loops under every matrix product.
//
// A panel holds 8 columns of the right-hand matrix, [K][8], so a lane is an output column and each output is
// one running sum over k = 0…K−1. Its rounding therefore depends neither on the tile that computed it nor on
// where the K range is cut, because a cut stores and reloads the same f32.
//
// The loops are not unrolled, and each tile is a function of its own, on purpose: V8 moves all loads of a loop
// body to its front, so a second step would push the running sums out of the 16 vector registers (55 GFLOP/s
// fell to 40).

import { madd } from './simd';

/**
 * c[rows,8] = init[rows,8] + a[rows,K] · panel[K,8], with `a` row-major and rows of the panel `ldp` apart
 * (32 when packed). Strides in bytes; a stride of 0 for `init` repeats one row (a bias, or zeros).
 */
export function rowTiles(
  a: usize,
  lda: usize,
  panel: usize,
  ldp: usize,
  K: i32,
  init: usize,
  ldi: usize,
  c: usize,
  ldc: usize,
  rows: i32,
): void {
  while (rows >= 6) {
    rowTile6(a, lda, panel, ldp, K, init, ldi, c, ldc);
    a += 6 * lda;
    init += 6 * ldi;
    c += 6 * ldc;
    rows -= 6;
  }
  if (rows >= 4) {
    rowTile4(a, lda, panel, ldp, K, init, ldi, c, ldc);
    a += 4 * lda;
    init += 4 * ldi;
    c += 4 * ldc;
    rows -= 4;
  }
  if (rows == 3) {
    rowTile3(a, lda, panel, ldp, K, init, ldi, c, ldc);
  } else if (rows == 2) {
    rowTile2(a, lda, panel, ldp, K, init, ldi, c, ldc);
  } else if (rows == 1) {
    rowTile1(a, panel, ldp, K, init, c);
  }
}

export function rowTile6(
  a: usize,
  lda: usize,
  panel: usize,
  ldp: usize,
  K: i32,
  init: usize,
  ldi: usize,
  c: usize,
  ldc: usize,
): void {
  const end = a + ((<usize>K) << 2);
  let a1 = a + lda;
  let a2 = a1 + lda;
  let a3 = a2 + lda;
  let a4 = a3 + lda;
  let a5 = a4 + lda;
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  init += ldi;
  let s10 = v128.load(init);
  let s11 = v128.load(init, 16);
  init += ldi;
  let s20 = v128.load(init);
  let s21 = v128.load(init, 16);
  init += ldi;
  let s30 = v128.load(init);
  let s31 = v128.load(init, 16);
  init += ldi;
  let s40 = v128.load(init);
  let s41 = v128.load(init, 16);
  init += ldi;
  let s50 = v128.load(init);
  let s51 = v128.load(init, 16);
  for (; a < end; a += 4) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const x0 = v128.load32_splat(a);
    s00 = madd(x0, b0, s00);
    s01 = madd(x0, b1, s01);
    const x1 = v128.load32_splat(a1);
    s10 = madd(x1, b0, s10);
    s11 = madd(x1, b1, s11);
    const x2 = v128.load32_splat(a2);
    s20 = madd(x2, b0, s20);
    s21 = madd(x2, b1, s21);
    const x3 = v128.load32_splat(a3);
    s30 = madd(x3, b0, s30);
    s31 = madd(x3, b1, s31);
    const x4 = v128.load32_splat(a4);
    s40 = madd(x4, b0, s40);
    s41 = madd(x4, b1, s41);
    const x5 = v128.load32_splat(a5);
    s50 = madd(x5, b0, s50);
    s51 = madd(x5, b1, s51);
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    a5 += 4;
    panel += ldp;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  c += ldc;
  v128.store(c, s10);
  v128.store(c, s11, 16);
  c += ldc;
  v128.store(c, s20);
  v128.store(c, s21, 16);
  c += ldc;
  v128.store(c, s30);
  v128.store(c, s31, 16);
  c += ldc;
  v128.store(c, s40);
  v128.store(c, s41, 16);
  c += ldc;
  v128.store(c, s50);
  v128.store(c, s51, 16);
}

export function rowTile4(
  a: usize,
  lda: usize,
  panel: usize,
  ldp: usize,
  K: i32,
  init: usize,
  ldi: usize,
  c: usize,
  ldc: usize,
): void {
  const end = a + ((<usize>K) << 2);
  let a1 = a + lda;
  let a2 = a1 + lda;
  let a3 = a2 + lda;
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  init += ldi;
  let s10 = v128.load(init);
  let s11 = v128.load(init, 16);
  init += ldi;
  let s20 = v128.load(init);
  let s21 = v128.load(init, 16);
  init += ldi;
  let s30 = v128.load(init);
  let s31 = v128.load(init, 16);
  for (; a < end; a += 4) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const x0 = v128.load32_splat(a);
    s00 = madd(x0, b0, s00);
    s01 = madd(x0, b1, s01);
    const x1 = v128.load32_splat(a1);
    s10 = madd(x1, b0, s10);
    s11 = madd(x1, b1, s11);
    const x2 = v128.load32_splat(a2);
    s20 = madd(x2, b0, s20);
    s21 = madd(x2, b1, s21);
    const x3 = v128.load32_splat(a3);
    s30 = madd(x3, b0, s30);
    s31 = madd(x3, b1, s31);
    a1 += 4;
    a2 += 4;
    a3 += 4;
    panel += ldp;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  c += ldc;
  v128.store(c, s10);
  v128.store(c, s11, 16);
  c += ldc;
  v128.store(c, s20);
  v128.store(c, s21, 16);
  c += ldc;
  v128.store(c, s30);
  v128.store(c, s31, 16);
}

export function rowTile3(
  a: usize,
  lda: usize,
  panel: usize,
  ldp: usize,
  K: i32,
  init: usize,
  ldi: usize,
  c: usize,
  ldc: usize,
): void {
  const end = a + ((<usize>K) << 2);
  let a1 = a + lda;
  let a2 = a1 + lda;
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  init += ldi;
  let s10 = v128.load(init);
  let s11 = v128.load(init, 16);
  init += ldi;
  let s20 = v128.load(init);
  let s21 = v128.load(init, 16);
  for (; a < end; a += 4) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const x0 = v128.load32_splat(a);
    s00 = madd(x0, b0, s00);
    s01 = madd(x0, b1, s01);
    const x1 = v128.load32_splat(a1);
    s10 = madd(x1, b0, s10);
    s11 = madd(x1, b1, s11);
    const x2 = v128.load32_splat(a2);
    s20 = madd(x2, b0, s20);
    s21 = madd(x2, b1, s21);
    a1 += 4;
    a2 += 4;
    panel += ldp;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  c += ldc;
  v128.store(c, s10);
  v128.store(c, s11, 16);
  c += ldc;
  v128.store(c, s20);
  v128.store(c, s21, 16);
}

export function rowTile2(
  a: usize,
  lda: usize,
  panel: usize,
  ldp: usize,
  K: i32,
  init: usize,
  ldi: usize,
  c: usize,
  ldc: usize,
): void {
  const end = a + ((<usize>K) << 2);
  let a1 = a + lda;
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  init += ldi;
  let s10 = v128.load(init);
  let s11 = v128.load(init, 16);
  for (; a < end; a += 4) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const x0 = v128.load32_splat(a);
    s00 = madd(x0, b0, s00);
    s01 = madd(x0, b1, s01);
    const x1 = v128.load32_splat(a1);
    s10 = madd(x1, b0, s10);
    s11 = madd(x1, b1, s11);
    a1 += 4;
    panel += ldp;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  c += ldc;
  v128.store(c, s10);
  v128.store(c, s11, 16);
}

export function rowTile1(a: usize, panel: usize, ldp: usize, K: i32, init: usize, c: usize): void {
  const end = a + ((<usize>K) << 2);
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  for (; a < end; a += 4) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const x0 = v128.load32_splat(a);
    s00 = madd(x0, b0, s00);
    s01 = madd(x0, b1, s01);
    panel += ldp;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
}
