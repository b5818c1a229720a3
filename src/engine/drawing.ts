/** Drawing the next tokens of some rows of a stream: rows that sample alike share one head and one kernel call. */
import type { Backend, DeviceBuffer, SamplingOptions } from './backend.ts';
import type { Decoder } from './decoder.ts';
import type { Tape, Value } from './ops/tape.ts';

/** A row of the stream to draw from, on behalf of some owner. */
export interface DrawRow<Owner> {
  readonly owner: Owner;
  readonly row: number;
  readonly sampling: SamplingOptions;
  /** (seed, rollout, position) of the counter-based draw. */
  readonly key: readonly [number, number, number];
}

export interface Draw<Owner> {
  readonly owner: Owner;
  readonly token: number;
  readonly logprob: number;
  readonly entropy: number;
}

/** Draws that sample alike; never empty. */
interface DrawGroup<Owner> {
  readonly sampling: SamplingOptions;
  readonly draws: DrawRow<Owner>[];
}

interface UploadedGroup<Owner> extends DrawGroup<Owner> {
  /** Null: all rows of the stream, in order. */
  readonly rows: DeviceBuffer | null;
  readonly keys: DeviceBuffer;
  /** The outputs, made here so that they live until they are read. */
  readonly ids: DeviceBuffer;
  readonly logprob: DeviceBuffer;
  readonly entropy: DeviceBuffer;
}

export function groupBySampling<Owner>(draws: readonly DrawRow<Owner>[]): DrawGroup<Owner>[] {
  const groups: DrawGroup<Owner>[] = [];
  for (const draw of draws) {
    const group = groups.find(({ sampling }) => sameSampling(sampling, draw.sampling));
    if (group === undefined) groups.push({ sampling: draw.sampling, draws: [draw] });
    else group.draws.push(draw);
  }
  return groups;
}

function sameSampling(a: SamplingOptions, b: SamplingOptions): boolean {
  return a.temperature === b.temperature && a.topK === b.topK && a.topP === b.topP;
}

/** `streamRows`: rows of the stream that will be drawn from. */
export function uploadGroup<Owner>(
  tape: Tape,
  group: DrawGroup<Owner>,
  streamRows: number,
): UploadedGroup<Owner> {
  const { sampling, draws } = group;
  const N = draws.length;
  const all = N === streamRows && draws.every(({ row }, n) => row === n);
  return {
    sampling,
    draws,
    rows: all ? null : tape.upload(Int32Array.from(draws, ({ row }) => row)),
    keys: tape.upload(Int32Array.from(draws.flatMap(({ key }) => key))),
    ids: tape.alloc(N, 'i32'),
    logprob: tape.alloc(N),
    entropy: tape.alloc(N),
  };
}

/** Enqueues norm, head and draw for a group's rows; returns the group, whose outputs may then be read. */
export function drawTokens<Owner>(
  decoder: Decoder,
  tape: Tape,
  stream: Value,
  group: UploadedGroup<Owner>,
): UploadedGroup<Owner> {
  const { rows, keys, ids, logprob, entropy, sampling } = group;
  const logits = decoder.logits(tape, stream, rows);
  tape.backend.sample(logits.data, keys, ids, logprob, entropy, logits.rows, logits.cols, sampling);
  tape.drop(logits);
  return group;
}

export async function readDraws<Owner>(
  backend: Backend,
  group: UploadedGroup<Owner>,
): Promise<Draw<Owner>[]> {
  const [ids, logprob, entropy] = await Promise.all([
    backend.readI32(group.ids),
    backend.readF32(group.logprob),
    backend.readF32(group.entropy),
  ]);
  return group.draws.map(({ owner }, n) => ({
    owner,
    token: ids[n] ?? 0,
    logprob: logprob[n] ?? 0,
    entropy: entropy[n] ?? 0,
  }));
}
