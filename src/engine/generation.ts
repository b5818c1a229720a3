/**
 * Batched, continuous generation over a KV cache. Every open sequence holds a slot; `step` advances all that are
 * ready by one token (feeding in what is new of their prompts or insertions first), so rollouts that wait for
 * passages leave the batch and rejoin it without holding up the others. A token depends only on its own sequence
 * and key, never on who shares the batch.
 *
 * Where reading back is slow, a step draws several tokens a sequence: each drawn id feeds the next pass on the
 * device. A stop is seen only afterwards; what was drawn beyond it is thrown away, so the tokens are the same.
 */
import { EngineError } from './backend.ts';
import type { Decoder } from './decoder.ts';
import { drawTokens, groupBySampling, readDraws, uploadGroup, type GroupDraws } from './drawing.ts';
import {
  planStep,
  takeOver,
  timesOf,
  uploadDrawn,
  uploadLater,
  type OpenOptions,
  type Running,
  type Sequence,
  type SequenceState,
} from './generationPlan.ts';
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

export class Generator {
  private readonly decoder: Decoder;
  private readonly cache: KvCache;
  private readonly tokensPerReadback: number;
  private readonly freeSlots: number[];
  private readonly sequences = new Map<number, Sequence>();
  private readonly running: Running;
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
    this.running = { sequences: this.sequences, cache: this.cache, rowsPerStep };
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
    takeOver(this.cache, sequence);
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
      takeOver(this.cache, other);
      other.waitsFor = null;
    }
    this.sequences.delete(id);
    this.cache.release(sequence.slot);
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
    const plan = planStep(this.running);
    if (plan.ids.length === 0) return [];
    const { decoder } = this;
    const { backend } = decoder;
    const tape = new Tape(backend, 'infer');
    this.stepping = true;
    try {
      const together = groupBySampling(plan.draws);
      const times = together.length === 1 ? timesOf(plan, this.running, this.tokensPerReadback) : 1;
      // Everything is uploaded before the first kernel: a write in between would split the submission.
      const rows = {
        ids: tape.upload(new Int32Array(plan.ids)),
        positions: tape.upload(new Int32Array(plan.positions)),
        slots: tape.upload(new Int32Array(plan.slots)),
      };
      const read = uploadDrawn(tape, plan);
      const drawnFrom =
        read === null ? together : groupBySampling(plan.draws.map((draw, row) => ({ ...draw, row })));
      const streamRows = read === null ? plan.ids.length : plan.draws.length;
      const groups = drawnFrom.map((group) => uploadGroup(tape, group, streamRows, times));
      const later = times === 1 ? null : uploadLater(tape, plan, times);
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
      for (let time = 0; time < times; time++) for (const group of found) this.take(group, time, drawn);
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

  /** Gives the draws number `time` of a group to their sequences, and appends them to `drawn`. */
  private take({ draws, stride, ids, scores }: GroupDraws<Sequence>, time: number, drawn: Drawn[]): void {
    const [tokens, logprobs, entropies] = [time * stride, 2 * time * stride, (2 * time + 1) * stride];
    let n = -1;
    for (const { owner } of draws) {
      n++;
      // Closed while the device was busy, or stopped by an earlier token of this step.
      if (!this.sequences.has(owner.id) || owner.state !== 'running') continue;
      const token = ids[tokens + n] ?? 0;
      const at = owner.tokens.length;
      const logprob = scores[logprobs + n] ?? 0;
      const entropy = scores[entropies + n] ?? 0;
      drawn.push({ sequence: owner.id, token, at, logprob, entropy, state: this.accept(owner, token) });
    }
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

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
