// Paths through a prefix tree: a segment's tokens come after those of its parent, its parent's parent, and so on.
// `parents` holds the parent of each segment, −1 for the first of a path; 0 for the array: every segment is alone.

import { copyPadded } from './pack';

@inline function startOf(starts: usize, s: i32): i32 {
  return load<i32>(starts + (<usize>s << 2));
}

@inline function lengthOf(starts: usize, s: i32): i32 {
  return load<i32>(starts + (<usize>s << 2), 4) - startOf(starts, s);
}

@inline function parentOf(parents: usize, s: i32): i32 {
  return parents == 0 ? -1 : load<i32>(parents + (<usize>s << 2));
}

/** Whether nothing comes before segment s. */
export function isAlone(s: i32, parents: usize): bool {
  return parentOf(parents, s) < 0;
}

/** Tokens before segment s on its path. */
export function pathBefore(s: i32, starts: usize, parents: usize): i32 {
  let before = 0;
  for (let p = parentOf(parents, s); p >= 0; p = parentOf(parents, p)) before += lengthOf(starts, p);
  return before;
}

/** Copies the rows (C numbers, `ld` bytes apart) of the `length` tokens on the path of s to `to`, end to end. */
export function gatherPath(
  x: usize, ld: usize, s: i32, starts: usize, parents: usize, length: i32, C: i32, to: usize,
): void {
  const row = <usize>C << 2;
  let end = to + <usize>length * row;
  for (let p = s; p >= 0; p = parentOf(parents, p)) {
    const count = lengthOf(starts, p);
    end -= <usize>count * row;
    copyPadded(x + <usize>startOf(starts, p) * ld, ld, end, row, count, C, C);
  }
}

/** The other way round: writes the rows of s itself, and adds those of the tokens before it to what is there. */
export function scatterPath(
  from: usize, ldf: usize, s: i32, starts: usize, parents: usize, length: i32, C: i32, x: usize, ld: usize,
): void {
  let at = from + <usize>length * ldf;
  for (let p = s; p >= 0; p = parentOf(parents, p)) {
    const count = lengthOf(starts, p);
    at -= <usize>count * ldf;
    const to = x + <usize>startOf(starts, p) * ld;
    if (p == s) {
      copyPadded(at, ldf, to, ld, count, C, C);
      continue;
    }
    for (let r: usize = 0; r < <usize>count; r++) addRow(at + r * ldf, to + r * ld, <usize>C << 2);
  }
}

function addRow(from: usize, to: usize, bytes: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
}
