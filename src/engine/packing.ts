import type { DeviceBuffer } from './backend.ts';
import type { Tape } from './ops/tape.ts';

/** Sequences laid end to end. */
export interface PackedBatch {
  /** [T] token ids. */
  readonly ids: Int32Array;
  /** [T] position of each token in its sequence. */
  readonly positions: Int32Array;
  /** [S+1] where each sequence begins; the last entry is T. */
  readonly starts: Int32Array;
  /** [S] the segment that each one continues, −1 for none; absent where none does. */
  readonly parents?: Int32Array;
}

/** A packed batch on the device. */
export interface DeviceBatch {
  readonly ids: DeviceBuffer;
  readonly positions: DeviceBuffer;
  readonly starts: DeviceBuffer;
  readonly parents?: DeviceBuffer;
}

export function packSequences(sequences: readonly ArrayLike<number>[]): PackedBatch {
  const starts = new Int32Array(sequences.length + 1);
  sequences.forEach((sequence, s) => {
    starts[s + 1] = (starts[s] ?? 0) + sequence.length;
  });
  const total = starts[sequences.length] ?? 0;
  const ids = new Int32Array(total);
  const positions = new Int32Array(total);
  sequences.forEach((sequence, s) => {
    const start = starts[s] ?? 0;
    ids.set(sequence, start);
    for (let i = 0; i < sequence.length; i++) positions[start + i] = i;
  });
  return { ids, positions, starts };
}

export function uploadBatch(tape: Tape, batch: PackedBatch): DeviceBatch {
  return {
    ids: tape.upload(batch.ids),
    positions: tape.upload(batch.positions),
    starts: tape.upload(batch.starts),
    ...(batch.parents === undefined ? {} : { parents: tape.upload(batch.parents) }),
  };
}

/**
 * Splits sequences, in order, into runs of at most `tokenBudget` tokens (a longer sequence gets a run of its own).
 * @returns half-open index ranges [from, to)
 */
export function planMicroBatches(
  lengths: readonly number[],
  tokenBudget: number,
): (readonly [number, number])[] {
  const runs: (readonly [number, number])[] = [];
  let from = 0;
  let tokens = 0;
  lengths.forEach((length, i) => {
    if (i > from && tokens + length > tokenBudget) {
      runs.push([from, i]);
      from = i;
      tokens = 0;
    }
    tokens += length;
  });
  if (lengths.length > from) runs.push([from, lengths.length]);
  return runs;
}
