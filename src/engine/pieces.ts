/**
 * A file that is written piece by piece, so that a model need not be in memory whole to be written. The pieces are made
 * anew each time they are gone through, one at a time.
 */
export interface Pieces {
  /** Bytes of all of them. */
  readonly size: number;
  readonly pieces: () => Iterable<Uint8Array<ArrayBuffer>>;
}

/** All of a file, in memory. */
export function joined({ size, pieces }: Pieces): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces()) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A file that is in memory already. */
export const whole = (bytes: Uint8Array): Pieces => ({
  size: bytes.length,
  pieces: () => [new Uint8Array(bytes)],
});
