/** What a step of generation runs: which rows of which sequences, and which of them are drawn from. */
import type { DeviceBuffer, SamplingOptions } from './backend.ts';
import type { DrawnRows } from './decoder.ts';
import type { DrawRow } from './drawing.ts';
import type { KvCache } from './kvCache.ts';
import type { Tape } from './ops/tape.ts';

export interface OpenOptions {
  /** At least one token. */
  readonly prompt: ArrayLike<number>;
  /** Draws are keyed by (seed, rollout, index of the token in the whole sequence). */
  readonly key: { readonly seed: number; readonly rollout: number };
  readonly sampling: SamplingOptions;
  /** Most tokens generated in all, insertions not counted. */
  readonly maxTokens?: number;
  /** Called with what was generated since `open` or the last `resume`; true pauses the sequence. */
  readonly stop?: (generated: readonly number[]) => boolean;
  /** An open sequence whose prompt begins alike: the common part is copied from its slot, not computed again. */
  readonly share?: number;
}

/** `paused`: the stop predicate said so. `length`: maxTokens or the capacity is reached. */
export type SequenceState = 'running' | 'paused' | 'length';

export interface Sequence {
  readonly id: number;
  readonly slot: number;
  readonly options: OpenOptions;
  readonly tokens: number[];
  /** How many leading tokens have their keys and values in the cache. */
  cached: number;
  fresh: number[];
  generated: number;
  maxTokens: number;
  state: SequenceState;
  /** Whose cached prefix to take over, and how much of it, as soon as it is there. */
  waitsFor: { readonly source: Sequence; readonly length: number } | null;
}

/** The rows of one step: tokens to run, and for the sequences that are then complete, which row to draw from. */
export interface StepPlan {
  readonly ids: number[];
  readonly positions: number[];
  readonly slots: number[];
  readonly fed: { readonly sequence: Sequence; readonly end: number }[];
  readonly draws: DrawRow<Sequence>[];
}

/** Rows of the passes that feed drawn ids in again. */
export interface LaterRows {
  /** Elements between the positions of two passes. */
  readonly stride: number;
  /** [passes, stride] i32 */
  readonly positions: DeviceBuffer;
  /** [draws] i32 */
  readonly slots: DeviceBuffer;
}

/** The sequences of a generator, and what bounds a step of theirs. */
export interface Running {
  readonly sequences: ReadonlyMap<number, Sequence>;
  readonly cache: KvCache;
  readonly rowsPerStep: number;
}

/** Chooses the rows of a step: sequences that need one row first, then longer feeds as far as the bound allows. */
export function planStep({ sequences, cache, rowsPerStep }: Running): StepPlan {
  const plan: StepPlan = { ids: [], positions: [], slots: [], fed: [], draws: [] };
  const feeds: Sequence[] = [];
  for (const sequence of sequences.values()) {
    if (sequence.state !== 'running') continue;
    takeOver(cache, sequence);
    if (sequence.waitsFor !== null) continue;
    if (sequence.tokens.length - sequence.cached === 1) feed(plan, sequence, rowsPerStep);
    else feeds.push(sequence);
  }
  for (const sequence of feeds) feed(plan, sequence, rowsPerStep);
  return plan;
}

function feed(plan: StepPlan, sequence: Sequence, rowsPerStep: number): void {
  const end = Math.min(sequence.tokens.length, sequence.cached + rowsPerStep - plan.ids.length);
  if (end === sequence.cached) return;
  for (let i = sequence.cached; i < end; i++) {
    plan.ids.push(sequence.tokens[i] ?? 0);
    plan.positions.push(i);
    plan.slots.push(sequence.slot);
  }
  plan.fed.push({ sequence, end });
  if (end < sequence.tokens.length) return;
  const { key, sampling } = sequence.options;
  const row = plan.ids.length - 1;
  const { seed, rollout } = key;
  plan.draws.push({ owner: sequence, row, sampling, seed, rollout, position: sequence.tokens.length });
}

/** Copies the shared prefix once its source has it. */
export function takeOver(cache: KvCache, sequence: Sequence): void {
  const wait = sequence.waitsFor;
  if (wait === null || wait.source.cached < wait.length) return;
  cache.copySlot(wait.source.slot, sequence.slot, wait.length);
  sequence.cached = wait.length;
  sequence.waitsFor = null;
}

/** How many tokens in a row the sequences of a plan may draw, `most` at most: one while others are still being fed in. */
export function timesOf({ draws }: StepPlan, { sequences, cache }: Running, most: number): number {
  if (most === 1) return 1;
  const drawing = new Set(draws.map(({ owner }) => owner));
  let times = 1;
  let room = Infinity;
  for (const sequence of sequences.values()) {
    if (sequence.state !== 'running') continue;
    if (!drawing.has(sequence)) return 1;
    const { tokens, generated, maxTokens } = sequence;
    times = Math.max(times, Math.min(most, maxTokens - generated));
    // A row beyond its slot would overwrite another's.
    room = Math.min(room, cache.capacity - tokens.length);
  }
  return Math.max(1, Math.min(times, room));
}

/** Positions and slots of the passes after the first, whose rows are the plan's draws. */
export function uploadLater(tape: Tape, { draws }: StepPlan, times: number): LaterRows {
  const { viewAlignment } = tape.backend;
  const stride = Math.ceil(draws.length / viewAlignment) * viewAlignment;
  const positions = new Int32Array((times - 1) * stride);
  for (let time = 1; time < times; time++) {
    draws.forEach(({ owner }, n) => {
      positions[(time - 1) * stride + n] = owner.tokens.length + time - 1;
    });
  }
  return {
    stride,
    positions: tape.upload(positions),
    slots: tape.upload(Int32Array.from(draws, ({ owner }) => owner.slot)),
  };
}

/** The rows that a step draws from; null where it draws from all of them, or from none. */
export function uploadDrawn(tape: Tape, { ids, positions, slots, draws }: StepPlan): DrawnRows | null {
  if (draws.length === ids.length || draws.length === 0) return null;
  const rows = Int32Array.from(draws, ({ row }) => row);
  return {
    rows: tape.upload(rows),
    positions: tape.upload(rows.map((row) => positions[row] ?? 0)),
    slots: tape.upload(rows.map((row) => slots[row] ?? 0)),
  };
}
