/**
 * Bytes that are read piece by piece, so that a file larger than one wants in memory need not be there whole. Reads are
 * synchronous, because a tensor is decoded when it is asked for, in the middle of loading.
 */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** Bytes `begin` to `end` (exclusive), both within the size. May be a view: not to be written to. */
  read(begin: number, end: number): Uint8Array;
}

/** A source of what is in memory already is a view of it. */
export function byteSource(bytes: Uint8Array | ByteSource): ByteSource {
  if (!(bytes instanceof Uint8Array)) return bytes;
  return { size: bytes.length, read: (begin, end) => bytes.subarray(begin, end) };
}
