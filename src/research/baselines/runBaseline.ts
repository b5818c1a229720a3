import type { Policy, PolicySession } from '../../policy/policy.ts';
import type { Retriever } from '../../retrieval/retriever.ts';
import type { Trace } from '../../traces/trace.ts';
import type { RolloutTask } from '../rolloutOptions.ts';
import type { BaselineOptions } from './baselineOptions.ts';
import { BaselineRun } from './baselineRun.ts';
import { ANSWER_END, THOUGHT_END } from './formats.ts';

/** Fewest tokens that any baseline can be run in. */
export const LEAST_TOKENS = 128;

/**
 * Asks questions by a baseline, `slots` at a time: the policy writes for all of them in one batch, and their searches
 * are retrieved together. What is written for a question depends on its draw key alone.
 * @returns traces in the order of the tasks, scored; after an abort only those that had begun
 * @throws RangeError if less than `LEAST_TOKENS` have room behind the longest question
 */
export async function runBaseline(
  policy: Policy,
  retriever: Retriever,
  tasks: readonly RolloutTask[],
  options: BaselineOptions,
): Promise<Trace[]> {
  if (tasks.length === 0) return [];
  const batch = new BaselineBatch(policy, retriever, tasks, options);
  try {
    return await batch.run();
  } finally {
    batch.dispose();
  }
}

class BaselineBatch {
  private readonly policy: Policy;
  private readonly retriever: Retriever;
  private readonly tasks: readonly RolloutTask[];
  private readonly options: BaselineOptions;
  private readonly session: PolicySession;
  private readonly slots: number;
  private readonly prompts: ReadonlyMap<string, readonly number[]>;
  private readonly capacity: number;
  /** Questions at work that wait for passages. */
  private searching: { readonly run: BaselineRun; readonly query: string; readonly k: number }[] = [];
  /** Questions at work that the policy writes for, by its sequence. */
  private readonly writing = new Map<number, BaselineRun>();
  /** Sequences that stand where their question's policy stopped. */
  private readonly sequences = new Map<BaselineRun, number>();
  private readonly traces = new Map<RolloutTask, Trace>();
  private next = 0;

  constructor(policy: Policy, retriever: Retriever, tasks: readonly RolloutTask[], options: BaselineOptions) {
    this.policy = policy;
    this.retriever = retriever;
    this.tasks = tasks;
    const texts = new Set(tasks.map((task) => task.question.text));
    this.prompts = new Map(
      [...texts].map((text) => [text, options.format.prompt.build(text, policy.tokenizer)]),
    );
    const longest = Math.max(...[...this.prompts.values()].map((ids) => ids.length));
    const maxTokens = Math.min(options.maxTokens, (options.positions ?? Infinity) - longest);
    if (maxTokens < LEAST_TOKENS) {
      throw new RangeError(
        `${options.method}: ${maxTokens} tokens behind a question of ${longest} are too few; it needs ${LEAST_TOKENS}.`,
      );
    }
    this.options = { ...options, maxTokens };
    this.capacity = longest + maxTokens;
    const { capacity } = this;
    this.slots = Math.min(options.slots, tasks.length, policy.mostSlots?.(capacity) ?? Infinity);
    this.session = policy.session({ stops: [THOUGHT_END, ANSWER_END], slots: this.slots, capacity });
  }

  async run(): Promise<Trace[]> {
    const { signal, breathe } = this.options;
    while (this.traces.size < this.tasks.length) {
      if (signal?.aborted === true) {
        this.abort();
        break;
      }
      this.openNext();
      if (this.searching.length > 0) await this.retrieve();
      else await this.advance();
      await breathe?.();
    }
    return this.tasks.flatMap((task) => this.traces.get(task) ?? []);
  }

  dispose(): void {
    this.session.dispose();
  }

  private openNext(): void {
    while (this.writing.size + this.searching.length < this.slots && this.next < this.tasks.length) {
      const task = this.tasks[this.next++];
      if (task === undefined) return;
      this.goOn(new BaselineRun(this.policy, task, this.prompts.get(task.question.text) ?? [], this.options));
    }
  }

  /** Hands a question on to what it needs next. */
  private goOn(run: BaselineRun): void {
    const need = run.need();
    if (need.kind === 'search') {
      this.searching.push({ run, query: need.query, k: need.k });
    } else if (need.kind === 'write') {
      this.writing.set(this.sequenceFor(run, need.prefix, need.held), run);
    } else {
      this.close(run);
      this.traces.set(run.task, run.end(false));
      this.options.onProgress?.(this.traces.size, this.tasks.length);
    }
  }

  private sequenceFor(run: BaselineRun, prefix: readonly number[], held: number): number {
    const sequence = this.sequences.get(run);
    if (sequence !== undefined && held > 0) {
      this.session.resume(sequence, prefix.slice(held));
      return sequence;
    }
    this.close(run);
    const { seed, sampling } = this.options;
    const opened = this.session.open({
      prompt: prefix,
      key: { seed, rollout: run.task.draw },
      sampling,
      maxTokens: this.capacity - prefix.length,
    });
    this.sequences.set(run, opened);
    return opened;
  }

  private close(run: BaselineRun): void {
    const sequence = this.sequences.get(run);
    if (sequence === undefined) return;
    this.session.close(sequence);
    this.sequences.delete(run);
  }

  private async advance(): Promise<void> {
    for (const token of await this.session.step()) {
      const run = this.writing.get(token.sequence);
      if (run === undefined || !run.write(token)) continue;
      this.writing.delete(token.sequence);
      this.goOn(run);
    }
  }

  private async retrieve(): Promise<void> {
    const waiting = this.searching;
    this.searching = [];
    const most = Math.max(...waiting.map(({ k }) => k));
    const lists = await this.retriever.search(
      waiting.map(({ query }) => query),
      most,
    );
    if (lists.length !== waiting.length) {
      throw new Error(
        `Retriever ${this.retriever.label} gave ${lists.length} lists for ${waiting.length} queries.`,
      );
    }
    waiting.forEach(({ run, k }, i) => {
      run.found((lists[i] ?? []).slice(0, k));
      this.goOn(run);
    });
  }

  private abort(): void {
    const running = [...this.writing.values(), ...this.searching.map(({ run }) => run)];
    for (const run of running) this.traces.set(run.task, run.end(true));
    this.writing.clear();
    this.searching = [];
  }
}
