/**
 * Batched, continuous generation over a KV cache. Every open sequence holds a slot; `step` advances all that are
 * ready by one token (feeding in what is new of their prompts or insertions first), so rollouts that wait for
 * passages leave the batch and rejoin it without holding up the others. A token depends only on its own sequence
 * and key, never on who shares the batch.
 *
 * Where reading back is slow, a step draws several tokens a sequence: each drawn id feeds the next pass on the
 * device. A stop is seen only afterwards; what was drawn beyond it is thrown away, so the tokens are the same.
 */
import { EngineError, type DeviceBuffer, type SamplingOptions } from './backend.ts';
import type { Decoder, DrawnRows } from './decoder.ts';
import { drawTokens, groupBySampling, readDraws, uploadGroup, type DrawRow } from './drawing.ts';
import { KvCache } from './kvCache.ts';
import { Tape } from './ops/tape.ts';

export interface GeneratorOptions {
  /** Sequences open at once. */
  readonly slots: number;
  /** Longest sequence in tokens, prompt included. */
  readonly capacity: number;
  /** Most rows of one forward pass; longer prompts are fed in over several steps. At least `slots`. */
  readonly rowsPerStep?: number;
  /**
   * Most tokens a sequence draws in one `step`, before its ids are read back. Changes no token. By default 4 on
   * WebGPU, where a readback costs as much as a pass or more, and 1 on WebAssembly, where it costs nothing.
   */
  readonly tokensPerReadback?: number;
}

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

/** One sampled token. */
export interface Drawn {
  readonly sequence: number;
  readonly token: number;
  /** Index of the token in the whole sequence. */
  readonly at: number;
  /** Under softmax(logits/temperature) of the whole vocabulary (temperature 1 when greedy). */
  readonly logprob: number;
  /** Of that same distribution, in nats. */
  readonly entropy: number;
  /** The sequence's state after this token. */
  readonly state: SequenceState;
}

interface Sequence {
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
interface StepPlan {
  readonly ids: number[];
  readonly positions: number[];
  readonly slots: number[];
  readonly fed: { readonly sequence: Sequence; readonly end: number }[];
  readonly draws: DrawRow<Sequence>[];
}

/** Rows of the passes that feed drawn ids in again. */
interface LaterRows {
  /** Elements between the positions of two passes. */
  readonly stride: number;
  /** [passes, stride] i32 */
  readonly positions: DeviceBuffer;
  /** [draws] i32 */
  readonly slots: DeviceBuffer;
}

export class Generator {
  private readonly decoder: Decoder;
  private readonly cache: KvCache;
  private readonly rowsPerStep: number;
  private readonly tokensPerReadback: number;
  private readonly freeSlots: number[];
  private readonly sequences = new Map<number, Sequence>();
  private nextId = 0;
  private stepping = false;

  constructor(decoder: Decoder, options: GeneratorOptions) {
    const { slots, capacity, rowsPerStep = Math.max(slots, 2048) } = options;
    if (rowsPerStep < slots)
      throw new EngineError(`rowsPerStep ${rowsPerStep} must be at least the ${slots} slots`);
    const { tokensPerReadback = decoder.backend.kind === 'webgpu' ? 4 : 1 } = options;
    if (!(Number.isInteger(tokensPerReadback) && tokensPerReadback >= 1))
      throw new EngineError(`tokensPerReadback is ${tokensPerReadback}: it must be a whole number from 1 on`);
    this.decoder = decoder;
    this.tokensPerReadback = tokensPerReadback;
    this.cache = new KvCache(decoder.backend, decoder.config, slots, capacity);
    this.rowsPerStep = rowsPerStep;
    this.freeSlots = Array.from({ length: slots }, (_, i) => slots - 1 - i);
  }

  /** Slots that `open` can still take. */
  get available(): number {
    return this.freeSlots.length;
  }

  /** Whether any sequence would advance in `step`. */
  get busy(): boolean {
    for (const sequence of this.sequences.values()) if (sequence.state === 'running') return true;
    return false;
  }

  /** Takes a slot for a new sequence, which runs from the next step on. @returns its id */
  open(options: OpenOptions): number {
    const { prompt, share } = options;
    const { capacity } = this.cache;
    if (prompt.length === 0) throw new EngineError('a prompt needs at least one token');
    if (prompt.length >= capacity) {
      throw new EngineError(
        `a prompt of ${prompt.length} tokens leaves no room in a capacity of ${capacity}`,
      );
    }
    const tokens = Array.from(prompt);
    this.checkTokens(tokens);
    const source = share === undefined ? null : this.sequence(share);
    const slot = this.freeSlots.pop();
    if (slot === undefined)
      throw new EngineError(`all ${this.cache.slots} slots are taken: close a sequence first`);
    const sequence: Sequence = {
      id: this.nextId++,
      slot,
      options,
      tokens,
      cached: 0,
      fresh: [],
      generated: 0,
      maxTokens: options.maxTokens ?? Infinity,
      state: 'running',
      waitsFor: null,
    };
    if (source !== null) {
      // The last prompt token is always run, since its row gives the first draw.
      const length = Math.min(commonPrefix(tokens, source.tokens), tokens.length - 1);
      if (length > 0) sequence.waitsFor = { source, length };
    }
    this.sequences.set(sequence.id, sequence);
    this.takeOver(sequence);
    return sequence.id;
  }

  /**
   * Appends inserted tokens (may be none) to a sequence that is paused, and lets it run on from the next step.
   * @param maxTokens replaces the bound given to `open`
   */
  resume(id: number, tokens: ArrayLike<number>, maxTokens?: number): void {
    const sequence = this.sequence(id);
    const inserted = Array.from(tokens);
    this.checkTokens(inserted);
    const length = sequence.tokens.length + inserted.length;
    const limit = maxTokens ?? sequence.maxTokens;
    if (sequence.state === 'running')
      throw new EngineError(`sequence ${id} is running, only a paused one resumes`);
    if (length >= this.cache.capacity) {
      throw new EngineError(
        `sequence ${id} would reach ${length} tokens of a capacity of ${this.cache.capacity}`,
      );
    }
    if (sequence.generated >= limit)
      throw new EngineError(`sequence ${id} has generated its ${limit} tokens`);
    for (const token of inserted) sequence.tokens.push(token);
    sequence.maxTokens = limit;
    sequence.fresh = [];
    sequence.state = 'running';
  }

  /** Ends a sequence and frees its slot. */
  close(id: number): void {
    const sequence = this.sequence(id);
    for (const other of this.sequences.values()) {
      if (other.waitsFor?.source !== sequence) continue;
      this.takeOver(other);
      other.waitsFor = null;
    }
    this.sequences.delete(id);
    this.freeSlots.push(sequence.slot);
  }

  /** All tokens of a sequence: prompt, generated and inserted. */
  tokens(id: number): readonly number[] {
    return this.sequence(id).tokens;
  }

  /** Room left in a sequence's slot. */
  room(id: number): number {
    return this.cache.capacity - this.sequence(id).tokens.length;
  }

  /**
   * One forward pass over all running sequences and one draw for each that is fed in completely; where all of them
   * are, up to `tokensPerReadback` such passes. Sequences may be opened, resumed and closed while it waits for the
   * device; a second `step` may not begin.
   * @returns the draws, of each sequence in order; empty only if nothing was running or all of it was still being
   *   fed in
   */
  async step(): Promise<Drawn[]> {
    if (this.stepping) throw new EngineError('step() is under way: await it before the next');
    const plan = this.plan();
    if (plan.ids.length === 0) return [];
    const { decoder } = this;
    const { backend } = decoder;
    const tape = new Tape(backend, 'infer');
    this.stepping = true;
    try {
      const times = groupBySampling(plan.draws).length === 1 ? this.timesOf(plan) : 1;
      // Everything is uploaded before the first kernel: a write in between would split the submission.
      const rows = {
        ids: tape.upload(Int32Array.from(plan.ids)),
        positions: tape.upload(Int32Array.from(plan.positions)),
        slots: tape.upload(Int32Array.from(plan.slots)),
      };
      const read = uploadDrawn(tape, plan);
      const draws = read === null ? plan.draws : plan.draws.map((draw, row) => ({ ...draw, row }));
      const streamRows = read === null ? plan.ids.length : draws.length;
      const groups = groupBySampling(draws).map((group) => uploadGroup(tape, group, streamRows, times));
      const later = times === 1 ? null : this.uploadLater(tape, plan, times);
      let stream = decoder.forwardCached(tape, rows, this.cache, read);
      for (const { sequence, end } of plan.fed) sequence.cached = end;
      for (const group of groups) {
        let ids = drawTokens(decoder, tape, stream, group.rows, group, 0);
        if (later === null) continue;
        for (let time = 1; time < times; time++) {
          tape.drop(stream);
          const positions = backend.view(later.positions, (time - 1) * later.stride, plan.draws.length);
          stream = decoder.forwardCached(tape, { ids, positions, slots: later.slots }, this.cache);
          ids = drawTokens(decoder, tape, stream, null, group, time);
        }
      }
      const found = await Promise.all(groups.map((group) => readDraws(backend, group)));
      const drawn: Drawn[] = [];
      for (let time = 0; time < times; time++) {
        for (const { owner, token, logprob, entropy } of found.flatMap((times) => times[time] ?? [])) {
          // Closed while the device was busy, or stopped by an earlier token of this step.
          if (!this.sequences.has(owner.id) || owner.state !== 'running') continue;
          const at = owner.tokens.length;
          drawn.push({ sequence: owner.id, token, at, logprob, entropy, state: this.accept(owner, token) });
        }
      }
      // The cache may hold more, drawn beyond a stop: those places are written again before they are read.
      for (const { owner } of plan.draws) owner.cached = owner.tokens.length - 1;
      return drawn;
    } finally {
      this.stepping = false;
      tape.release();
    }
  }

  dispose(): void {
    this.sequences.clear();
    this.cache.dispose();
  }

  /** Chooses the rows of a step: sequences that need one row first, then longer feeds as far as the bound allows. */
  private plan(): StepPlan {
    const plan: StepPlan = { ids: [], positions: [], slots: [], fed: [], draws: [] };
    const feeds: Sequence[] = [];
    for (const sequence of this.sequences.values()) {
      if (sequence.state !== 'running') continue;
      this.takeOver(sequence);
      if (sequence.waitsFor !== null) continue;
      if (sequence.tokens.length - sequence.cached === 1) this.feed(plan, sequence);
      else feeds.push(sequence);
    }
    for (const sequence of feeds) this.feed(plan, sequence);
    return plan;
  }

  /** How many tokens in a row the sequences of a plan may draw: one while others are still being fed in. */
  private timesOf({ draws }: StepPlan): number {
    const drawing = new Set(draws.map(({ owner }) => owner));
    let times = 1;
    let room = Infinity;
    for (const sequence of this.sequences.values()) {
      if (sequence.state !== 'running') continue;
      if (!drawing.has(sequence)) return 1;
      const { tokens, generated, maxTokens } = sequence;
      times = Math.max(times, Math.min(this.tokensPerReadback, maxTokens - generated));
      // A row beyond its slot would overwrite another's.
      room = Math.min(room, this.cache.capacity - tokens.length);
    }
    return Math.max(1, Math.min(times, room));
  }

  /** Positions and slots of the passes after the first, whose rows are the plan's draws. */
  private uploadLater(tape: Tape, { draws }: StepPlan, times: number): LaterRows {
    const { viewAlignment } = this.decoder.backend;
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

  private feed(plan: StepPlan, sequence: Sequence): void {
    const end = Math.min(sequence.tokens.length, sequence.cached + this.rowsPerStep - plan.ids.length);
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
    plan.draws.push({ owner: sequence, row, sampling, key: [key.seed, key.rollout, sequence.tokens.length] });
  }

  private accept(sequence: Sequence, token: number): SequenceState {
    sequence.tokens.push(token);
    sequence.fresh.push(token);
    sequence.generated++;
    if (sequence.options.stop?.(sequence.fresh) === true) sequence.state = 'paused';
    else if (sequence.generated >= sequence.maxTokens || sequence.tokens.length >= this.cache.capacity) {
      sequence.state = 'length';
    }
    return sequence.state;
  }

  /** Copies the shared prefix once its source has it. */
  private takeOver(sequence: Sequence): void {
    const wait = sequence.waitsFor;
    if (wait === null || wait.source.cached < wait.length) return;
    this.cache.copySlot(wait.source.slot, sequence.slot, wait.length);
    sequence.cached = wait.length;
    sequence.waitsFor = null;
  }

  private sequence(id: number): Sequence {
    const sequence = this.sequences.get(id);
    if (sequence === undefined) throw new EngineError(`there is no open sequence ${id}`);
    return sequence;
  }

  private checkTokens(tokens: readonly number[]): void {
    const { vocabSize } = this.decoder.config;
    const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabSize);
    if (wrong !== undefined) throw new EngineError(`token ${wrong} is not in the vocabulary of ${vocabSize}`);
  }
}

/** The rows that a step draws from; null where it draws from all of them, or from none. */
function uploadDrawn(tape: Tape, { ids, positions, slots, draws }: StepPlan): DrawnRows | null {
  if (draws.length === ids.length || draws.length === 0) return null;
  const rows = Int32Array.from(draws, ({ row }) => row);
  return {
    rows: tape.upload(rows),
    positions: tape.upload(rows.map((row) => positions[row] ?? 0)),
    slots: tape.upload(rows.map((row) => slots[row] ?? 0)),
  };
}

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
