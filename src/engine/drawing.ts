/**
 * Drawing the next tokens of some rows of a stream: rows that sample alike share one head and one kernel call.
 * A group may be drawn from several times before anything is read back, each draw feeding the next.
 */
import type { Backend, DeviceBuffer, SamplingOptions } from './backend.ts';
import type { Decoder } from './decoder.ts';
import type { Tape, Value } from './ops/tape.ts';

/** A row of the stream to draw from, on behalf of some owner. */
export interface DrawRow<Owner> {
  readonly owner: Owner;
  readonly row: number;
  readonly sampling: SamplingOptions;
  /** What the counter-based draw is keyed by. */
  readonly seed: number;
  readonly rollout: number;
  readonly position: number;
}

/** Draws that sample alike; never empty. */
interface DrawGroup<Owner> {
  readonly sampling: SamplingOptions;
  readonly draws: DrawRow<Owner>[];
}

interface UploadedGroup<Owner> extends DrawGroup<Owner> {
  /** Null: all rows of the stream, in order. */
  readonly rows: DeviceBuffer | null;
  readonly times: number;
  /** Elements between the windows of two draws in a row, so that each is aligned. */
  readonly keyStride: number;
  readonly stride: number;
  /** [times, keyStride] i32 */
  readonly keys: DeviceBuffer;
  /** The outputs, made here so that they live until they are read: [times, stride] i32. */
  readonly ids: DeviceBuffer;
  /** [times, 2, stride]: logprob and entropy. */
  readonly scores: DeviceBuffer;
}

export function groupBySampling<Owner>(draws: readonly DrawRow<Owner>[]): DrawGroup<Owner>[] {
  const groups: DrawGroup<Owner>[] = [];
  let group: DrawGroup<Owner> | undefined;
  for (const draw of draws) {
    const { sampling } = draw;
    // Neighbours mostly sample alike.
    if (group === undefined || !sameSampling(group.sampling, sampling)) {
      group = groups.find((other) => sameSampling(other.sampling, sampling));
      if (group === undefined) groups.push((group = { sampling, draws: [] }));
    }
    group.draws.push(draw);
  }
  return groups;
}

function sameSampling(a: SamplingOptions, b: SamplingOptions): boolean {
  return a.temperature === b.temperature && a.topK === b.topK && a.topP === b.topP;
}

/**
 * @param streamRows rows of the stream that will be drawn from
 * @param times how often the group will be drawn from; each time its keys' positions are one further
 */
export function uploadGroup<Owner>(
  tape: Tape,
  group: DrawGroup<Owner>,
  streamRows: number,
  times: number,
): UploadedGroup<Owner> {
  const { sampling, draws } = group;
  const { viewAlignment } = tape.backend;
  const aligned = (length: number): number => Math.ceil(length / viewAlignment) * viewAlignment;
  const [stride, keyStride] = [aligned(draws.length), aligned(3 * draws.length)];
  const keys = new Int32Array(times * keyStride);
  for (let time = 0; time < times; time++) {
    let at = time * keyStride;
    for (const { seed, rollout, position } of draws) {
      keys[at++] = seed;
      keys[at++] = rollout;
      keys[at++] = position + time;
    }
  }
  const all = draws.length === streamRows && draws.every(({ row }, n) => row === n);
  return {
    sampling,
    draws,
    times,
    stride,
    keyStride,
    rows: all ? null : tape.upload(Int32Array.from(draws, ({ row }) => row)),
    keys: tape.upload(keys),
    ids: tape.alloc(times * stride, 'i32'),
    scores: tape.alloc(times * 2 * stride),
  };
}

/**
 * Enqueues norm, head and draw number `time` for a group.
 * @param rows the group's rows of the stream, null where they are all of it in order
 * @returns the ids drawn, [draws] i32 on the device
 */
export function drawTokens<Owner>(
  decoder: Decoder,
  tape: Tape,
  stream: Value,
  rows: DeviceBuffer | null,
  group: UploadedGroup<Owner>,
  time: number,
): DeviceBuffer {
  const { backend } = tape;
  const { draws, keys, ids, scores, stride, keyStride, sampling } = group;
  const N = draws.length;
  const logits = decoder.logits(tape, stream, rows);
  const drawn = backend.view(ids, time * stride, N);
  backend.sample(
    logits.data,
    backend.view(keys, time * keyStride, 3 * N),
    drawn,
    backend.view(scores, 2 * time * stride, N),
    backend.view(scores, (2 * time + 1) * stride, N),
    N,
    logits.cols,
    sampling,
  );
  tape.drop(logits);
  return drawn;
}

/** What a group drew. */
export interface GroupDraws<Owner> {
  readonly draws: readonly DrawRow<Owner>[];
  /** Elements between two draws of a row. */
  readonly stride: number;
  /** [times, stride] */
  readonly ids: Int32Array;
  /** [times, 2, stride]: logprob and entropy. */
  readonly scores: Float32Array;
}

/** Reads back what a group drew, all of its times. */
export async function readDraws<Owner>(
  backend: Backend,
  { draws, stride, ids, scores }: UploadedGroup<Owner>,
): Promise<GroupDraws<Owner>> {
  const [drawn, scored] = await Promise.all([backend.readI32(ids), backend.readF32(scores)]);
  return { draws, stride, ids: drawn, scores: scored };
}
