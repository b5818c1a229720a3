/**
 * Batched, continuous generation over a KV cache. Every open sequence holds a slot; `step` advances all that are
 * ready by one token (feeding in what is new of their prompts or insertions first), so rollouts that wait for
 * passages leave the batch and rejoin it without holding up the others. A token depends only on its own sequence
 * and key, never on who shares the batch.
 */
import { EngineError, type SamplingOptions } from './backend.ts';
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

export class Generator {
  private readonly decoder: Decoder;
  private readonly cache: KvCache;
  private readonly rowsPerStep: number;
  private readonly freeSlots: number[];
  private readonly sequences = new Map<number, Sequence>();
  private nextId = 0;
  private stepping = false;

  constructor(decoder: Decoder, options: GeneratorOptions) {
    const { slots, capacity, rowsPerStep = Math.max(slots, 2048) } = options;
    if (rowsPerStep < slots)
      throw new EngineError(`rowsPerStep ${rowsPerStep} must be at least the ${slots} slots`);
    this.decoder = decoder;
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
   * One forward pass over all running sequences and one draw for each that is fed in completely. Sequences may be
   * opened, resumed and closed while it waits for the device; a second `step` may not begin.
   * @returns the draws; empty only if nothing was running or all of it was still being fed in
   */
  async step(): Promise<Drawn[]> {
    if (this.stepping) throw new EngineError('step() is under way: await it before the next');
    const plan = this.plan();
    if (plan.ids.length === 0) return [];
    const { decoder } = this;
    const tape = new Tape(decoder.backend, 'infer');
    this.stepping = true;
    try {
      const rows = {
        ids: tape.upload(Int32Array.from(plan.ids)),
        positions: tape.upload(Int32Array.from(plan.positions)),
        slots: tape.upload(Int32Array.from(plan.slots)),
      };
      const drawn = uploadDrawn(tape, plan);
      const draws = drawn === null ? plan.draws : plan.draws.map((draw, row) => ({ ...draw, row }));
      const groups = groupBySampling(draws).map((group) =>
        uploadGroup(tape, group, drawn === null ? plan.ids.length : draws.length),
      );
      const stream = decoder.forwardCached(tape, rows, this.cache, drawn);
      for (const { sequence, end } of plan.fed) sequence.cached = end;
      const outputs = groups.map((group) => drawTokens(decoder, tape, stream, group));
      const accepted: Drawn[] = [];
      for (const draws of await Promise.all(outputs.map((output) => readDraws(decoder.backend, output)))) {
        for (const { owner, token, logprob, entropy } of draws) {
          if (!this.sequences.has(owner.id)) continue; // closed while the device was busy
          accepted.push({ sequence: owner.id, token, logprob, entropy, state: this.accept(owner, token) });
        }
      }
      return accepted;
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
