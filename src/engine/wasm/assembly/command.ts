// The command block at the bottom of linear memory. JavaScript writes a kernel's arguments here before it
// lets the threads go; the layout is mirrored in ../commandBlock.ts.

const ARGUMENTS: usize = 256;

/** 32 bytes that stay zero: the starting value of a product that does not accumulate. */
export const ZEROS: usize = 512;

/** Integer argument k. */
@inline export function argI(k: usize): i32 {
  return load<i32>(ARGUMENTS + (k << 2));
}

/** Pointer argument k (a byte address; 0 stands for null). */
@inline export function argP(k: usize): usize {
  return <usize>load<u32>(ARGUMENTS + (k << 2));
}

/** Float argument k. */
@inline export function argF(k: usize): f32 {
  return load<f32>(ARGUMENTS + (k << 2));
}
