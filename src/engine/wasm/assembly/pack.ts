// Packing of matrices into panels of 8 columns, [K][8], zero-filled to the width of the panel.

/** panel[k][j] = w[j·ldw + k] for j < columns: eight rows of a row-major matrix, transposed. `ldw` in bytes. */
export function packTransposed(w: usize, ldw: usize, columns: i32, K: i32, panel: usize): void {
  if (columns == 8) {
    const w1 = w + ldw;
    const w2 = w1 + ldw;
    const w3 = w2 + ldw;
    const w4 = w3 + ldw;
    const w5 = w4 + ldw;
    const w6 = w5 + ldw;
    const w7 = w6 + ldw;
    const full = <usize>(K & ~3) << 2;
    let k: usize = 0;
    for (; k < full; k += 16) {
      transpose4(v128.load(w + k), v128.load(w1 + k), v128.load(w2 + k), v128.load(w3 + k), panel);
      transpose4(v128.load(w4 + k), v128.load(w5 + k), v128.load(w6 + k), v128.load(w7 + k), panel + 16);
      panel += 128;
    }
    const end = <usize>K << 2;
    for (; k < end; k += 4) {
      store<f32>(panel, load<f32>(w + k));
      store<f32>(panel, load<f32>(w1 + k), 4);
      store<f32>(panel, load<f32>(w2 + k), 8);
      store<f32>(panel, load<f32>(w3 + k), 12);
      store<f32>(panel, load<f32>(w4 + k), 16);
      store<f32>(panel, load<f32>(w5 + k), 20);
      store<f32>(panel, load<f32>(w6 + k), 24);
      store<f32>(panel, load<f32>(w7 + k), 28);
      panel += 32;
    }
    return;
  }
  for (let j = 0; j < 8; j++) {
    let to = panel + (<usize>j << 2);
    let from = w + <usize>j * ldw;
    for (let k = 0; k < K; k++) {
      store<f32>(to, j < columns ? load<f32>(from) : 0);
      to += 32;
      from += 4;
    }
  }
}

/** Stores the columns of the 4×4 block (a; b; c; d) as rows 32 bytes apart. */
@inline function transpose4(a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 96);
}

/** panel[k][j] = x[k·ldx + j] for j < columns: a strip of a row-major matrix. `ldx` in bytes. */
export function packStrip(x: usize, ldx: usize, columns: i32, K: i32, panel: usize): void {
  if (columns == 8) {
    for (let k = 0; k < K; k++) {
      v128.store(panel, v128.load(x));
      v128.store(panel, v128.load(x, 16), 16);
      x += ldx;
      panel += 32;
    }
    return;
  }
  for (let k = 0; k < K; k++) {
    for (let j = 0; j < 8; j++) {
      store<f32>(panel + (<usize>j << 2), j < columns ? load<f32>(x + (<usize>j << 2)) : 0);
    }
    x += ldx;
    panel += 32;
  }
}

/** Panels [ceil(L/8)][C][8] whose columns are the rows of x: the right-hand side of x-scores. */
export function packRows(x: usize, ld: usize, L: i32, C: i32, to: usize): void {
  for (let j = 0; j < L; j += 8) {
    packTransposed(x + <usize>j * ld, ld, min(L - j, 8), C, to);
    to += <usize>C << 5;
  }
}

/** Panels [ceil(C/8)][L][8] whose columns are the channels of x: the right-hand side of a weighted sum. */
export function packChannels(x: usize, ld: usize, L: i32, C: i32, to: usize): void {
  for (let c = 0; c < C; c += 8) {
    packStrip(x + (<usize>c << 2), ld, min(C - c, 8), L, to);
    to += <usize>L << 5;
  }
}

/**
 * The left-hand tile of a weight gradient: to[k][j] = a[k·lda + j], six columns wide where there are six, else four
 * with zeros behind `columns`. `lda` in bytes.
 */
export function packLeft(a: usize, lda: usize, columns: i32, K: i32, to: usize): void {
  if (columns == 6) {
    for (let k = 0; k < K; k++) {
      v128.store(to, v128.load(a));
      store<u64>(to, load<u64>(a, 16), 16);
      a += lda;
      to += 24;
    }
    return;
  }
  if (columns == 4) {
    for (let k = 0; k < K; k++) {
      v128.store(to, v128.load(a));
      a += lda;
      to += 16;
    }
    return;
  }
  for (let k = 0; k < K; k++) {
    for (let j = 0; j < 4; j++) {
      store<f32>(to + (<usize>j << 2), j < columns ? load<f32>(a + (<usize>j << 2)) : 0);
    }
    a += lda;
    to += 16;
  }
}

/** Copies a [rows, columns] block, filling each target row with zeros up to `width`. Strides in bytes. */
export function copyPadded(
  from: usize,
  ldf: usize,
  to: usize,
  ldt: usize,
  rows: i32,
  columns: i32,
  width: i32,
): void {
  const bytes = <usize>columns << 2;
  const padded = <usize>width << 2;
  // Rows are short: a loop of vectors is faster than a call of memory.copy, which leaves the module.
  for (let r = 0; r < rows; r++) {
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(from + i));
    for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i));
    for (; i < padded; i += 4) store<f32>(to + i, 0);
    from += ldf;
    to += ldt;
  }
}
