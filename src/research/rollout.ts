import type { Policy, PolicySession } from '../policy/policy.ts';
import type { Retriever, RetrievedPassage } from '../retrieval/retriever.ts';
import type { StopReason, Trace } from '../traces/trace.ts';
import type { ParsedQuery } from './query.ts';
import type { RolloutOptions, RolloutTask } from './rolloutOptions.ts';
import { RunningRollout } from './runningRollout.ts';

/** What a rollout pauses at, to be handed what it searched for. */
export const SEARCH_END = '</search>';

/** A rollout that has closed `</search>` and waits for its passages. */
interface Waiting {
  readonly sequence: number;
  readonly query: ParsedQuery;
}

/** What a retrieval in flight brought; `error` is rethrown where it is awaited. */
type Fetched =
  | { readonly waiting: readonly Waiting[]; readonly found: readonly (RetrievedPassage[] | undefined)[] }
  | { readonly error: unknown };

/**
 * Makes rollouts as the paper does (vLLMRolloutWithSearch): generate up to `</search>`, retrieve, insert
 * `<result>…</result>` (masked), go on; until the end token, the length limit or the search limit. All tasks
 * run together, `slots` at a time: a finished one makes room for the next, and searches are retrieved in one batch
 * while the other rollouts go on. What a task writes depends on its draw key alone, not on who runs beside it.
 * @returns traces in the order of the tasks, with rewards; after an abort only those that had begun
 */
export async function rollOut(
  policy: Policy,
  retriever: Retriever,
  tasks: readonly RolloutTask[],
  options: RolloutOptions,
): Promise<Trace[]> {
  checkOptions(tasks, options);
  if (tasks.length === 0) return [];
  const batch = new RolloutBatch(policy, retriever, tasks, options);
  try {
    return await batch.run();
  } finally {
    batch.dispose();
  }
}

class RolloutBatch {
  private readonly policy: Policy;
  private readonly retriever: Retriever;
  private readonly tasks: readonly RolloutTask[];
  private readonly options: RolloutOptions;
  private readonly session: PolicySession;
  private readonly slots: number;
  private readonly prompts: ReadonlyMap<string, readonly number[]>;
  private readonly running = new Map<number, RunningRollout>();
  private readonly traces = new Map<RolloutTask, Trace>();
  private next = 0;
  private waiting: Waiting[] = [];
  private inFlight: Promise<void> | undefined;
  private fetchingCount = 0;
  private fetched: Fetched | undefined;

  constructor(policy: Policy, retriever: Retriever, tasks: readonly RolloutTask[], options: RolloutOptions) {
    this.policy = policy;
    this.retriever = retriever;
    this.tasks = tasks;
    this.options = options;
    const texts = new Set(tasks.map((task) => task.question.text));
    this.prompts = new Map(
      [...texts].map((text) => [text, options.format.prompt.build(text, policy.tokenizer)]),
    );
    const longest = Math.max(...tasks.map((task) => promptOf(task, this.prompts).length));
    const capacity = longest + options.maxTokens;
    this.slots = Math.min(options.slots, tasks.length, policy.mostSlots?.(capacity) ?? Infinity);
    this.session = policy.session({ stops: [SEARCH_END], slots: this.slots, capacity });
  }

  async run(): Promise<Trace[]> {
    const { signal, breathe } = this.options;
    while (this.next < this.tasks.length || this.running.size > 0) {
      if (signal?.aborted === true) {
        this.abort();
        break;
      }
      this.openNext();
      this.retrieveWaiting();
      if (this.isStalled()) await this.inFlight;
      else await this.advance();
      this.insertFetched();
      if (breathe !== undefined) await breathe();
    }
    return this.tasks.flatMap((task) => this.traces.get(task) ?? []);
  }

  dispose(): void {
    this.session.dispose();
  }

  private openNext(): void {
    const { seed, sampling, maxTokens } = this.options;
    while (this.running.size < this.slots && this.next < this.tasks.length) {
      const task = this.tasks[this.next++];
      if (task === undefined) return;
      const prompt = promptOf(task, this.prompts);
      const rollout = new RunningRollout(this.policy, task, prompt, this.options);
      const begun = rollout.beginning().tokens.map(({ id }) => id);
      const sequence = this.session.open({
        prompt: [...prompt, ...begun],
        key: { seed, rollout: task.draw },
        sampling,
        maxTokens: maxTokens - begun.length,
        ...(task.begun === undefined
          ? { share: task.question.text }
          : { written: rollout.sinceResult().length }),
      });
      this.running.set(sequence, rollout);
    }
  }

  /** Every open rollout waits for passages: nothing to generate until they come. */
  private isStalled(): boolean {
    return this.inFlight !== undefined && this.running.size === this.waiting.length + this.fetchingCount;
  }

  private async advance(): Promise<void> {
    for (const token of await this.session.step()) {
      const rollout = this.running.get(token.sequence);
      if (rollout === undefined) continue;
      const move = rollout.write(token);
      this.tell(rollout);
      if (move.kind === 'end') this.end(token.sequence, move.stop);
      if (move.kind === 'search') this.waiting.push({ sequence: token.sequence, query: move.query });
    }
  }

  /** Sends all waiting queries off in one batch, unless one is still under way. */
  private retrieveWaiting(): void {
    if (this.inFlight !== undefined || this.waiting.length === 0) return;
    const waiting = this.waiting;
    this.waiting = [];
    this.fetchingCount = waiting.length;
    this.inFlight = this.retrieve(waiting).then(
      (found) => {
        this.fetched = { waiting, found };
      },
      (error: unknown) => {
        this.fetched = { error };
      },
    );
  }

  private async retrieve(waiting: readonly Waiting[]): Promise<(RetrievedPassage[] | undefined)[]> {
    const asksNothing = ({ query }: Waiting): boolean =>
      query.problem !== undefined && this.options.emptyQuery === 'answer nothing';
    const queries = waiting.filter((item) => !asksNothing(item)).map(({ query }) => query.query);
    const lists = queries.length === 0 ? [] : await this.retriever.search(queries, this.options.passages);
    if (lists.length !== queries.length) {
      throw new Error(
        `Retriever ${this.retriever.label} gave ${lists.length} lists for ${queries.length} queries.`,
      );
    }
    let at = 0;
    return waiting.map((item) => (asksNothing(item) ? undefined : lists[at++]));
  }

  private insertFetched(): void {
    const fetched = this.fetched;
    if (fetched === undefined) return;
    this.fetched = undefined;
    this.inFlight = undefined;
    this.fetchingCount = 0;
    if ('error' in fetched) throw fetched.error;
    fetched.waiting.forEach(({ sequence, query }, i) => {
      const rollout = this.running.get(sequence);
      if (rollout === undefined) return;
      const { ids, goesOn } = rollout.insert(query, fetched.found[i]);
      this.tell(rollout);
      if (goesOn) this.session.resume(sequence, ids);
      else this.end(sequence, 'length');
    });
  }

  private end(sequence: number, stop: StopReason): void {
    const rollout = this.running.get(sequence);
    if (rollout === undefined) return;
    this.running.delete(sequence);
    this.session.close(sequence);
    this.traces.set(rollout.task, rollout.end(stop));
    this.options.onProgress?.(this.traces.size, this.tasks.length);
  }

  private abort(): void {
    for (const [sequence, rollout] of this.running) {
      this.session.close(sequence);
      this.traces.set(rollout.task, rollout.end('aborted'));
    }
    this.running.clear();
  }

  private tell(rollout: RunningRollout): void {
    this.options.onToken?.(rollout.task, () => rollout.snapshot());
  }
}

function promptOf(
  { question, begun }: RolloutTask,
  prompts: ReadonlyMap<string, readonly number[]>,
): readonly number[] {
  return begun?.prompt ?? prompts.get(question.text) ?? [];
}

function checkOptions(tasks: readonly RolloutTask[], options: RolloutOptions): void {
  const { slots, maxTokens, passages } = options;
  if (!(slots >= 1)) throw new Error(`Rollout: slots is ${slots}; at least 1 is needed.`);
  if (!(maxTokens >= 1)) throw new Error(`Rollout: maxTokens is ${maxTokens}; at least 1 is needed.`);
  if (!(passages >= 1)) throw new Error(`Rollout: passages is ${passages}; at least 1 is needed.`);
  if (new Set(tasks.map((task) => task.draw)).size !== tasks.length) {
    throw new Error('Rollout: two tasks share a draw number, so they would write the same text.');
  }
}
