import type { TagStop, TextEnd, TextPolicy } from '../policy/textPolicy.ts';
import type { Retriever } from '../retrieval/retriever.ts';
import { SEARCH_SYSTEM_PROMPT } from '../text/chatTemplate.ts';
import { TraceBuilder } from '../traces/builder.ts';
import type { StopReason, Trace } from '../traces/trace.ts';
import { CHAT_FORMAT } from './format.ts';
import { parseQuery } from './query.ts';
import { foundText, resultText } from './resultBlock.ts';
import { rewardOf, rewardText, type RewardOptions } from './reward.ts';
import { SEARCH_END } from './rollout.ts';
import type { RolloutOptions, RolloutTask } from './rolloutOptions.ts';
import { goldPassages, tracePassage, traceQuestion } from './traceParts.ts';

export type TextRolloutTask = Omit<RolloutTask, 'begun'>;

export interface TextRolloutOptions extends Pick<
  RolloutOptions,
  'sampling' | 'seed' | 'passages' | 'maxSearches' | 'emptyQuery' | 'label' | 'signal' | 'onProgress'
> {
  /** Most tokens that the model itself writes; results are bounded by its window alone. */
  readonly maxTokens: number;
  readonly reward?: RewardOptions;
  /** After each piece and each result. */
  readonly onPiece?: (task: TextRolloutTask, snapshot: () => Trace) => void;
}

const STOP: TagStop = { opening: '<search>', closing: SEARCH_END };

/** Stands in the rewarded text for the end token, which a text policy does not tell. */
const END = '<|end|>';

/**
 * Rollouts as `rollOut` makes them, by a policy that continues texts: write up to `</search>`, retrieve, insert
 * `<result>…</result>`, go on from the whole text. One after the other, for web-llm runs one request at a time.
 * The traces hold pieces instead of tokens and neither ids nor logprobs: they can be read and scored, not trained on.
 * @returns traces in the order of the tasks; after an abort only those that had begun
 */
export async function rollOutText(
  policy: TextPolicy,
  retriever: Retriever,
  tasks: readonly TextRolloutTask[],
  options: TextRolloutOptions,
): Promise<Trace[]> {
  checkOptions(options);
  const traces: Trace[] = [];
  for (const task of tasks) {
    if (options.signal?.aborted === true) break;
    traces.push(await new TextRollout(policy, retriever, task, options).run());
    options.onProgress?.(traces.length, tasks.length);
  }
  return traces;
}

class TextRollout {
  private readonly policy: TextPolicy;
  private readonly retriever: Retriever;
  private readonly task: TextRolloutTask;
  private readonly options: TextRolloutOptions;
  private readonly prompt: string;
  private readonly builder: TraceBuilder;
  private readonly pieces: string[] = [];
  private readonly started = performance.now();
  private written = 0;

  constructor(policy: TextPolicy, retriever: Retriever, task: TextRolloutTask, options: TextRolloutOptions) {
    const { question, group, rollout } = task;
    this.policy = policy;
    this.retriever = retriever;
    this.task = task;
    this.options = options;
    this.prompt = policy.prompt(SEARCH_SYSTEM_PROMPT, question.text);
    const head = {
      id: `${options.label}/${group}.${rollout}`,
      question: traceQuestion(question),
      prompt: { text: this.prompt, ids: [] },
      policy: policy.name,
      group,
      rollout,
      seed: options.seed,
    };
    this.builder = new TraceBuilder(head, (ids) => this.pieces.slice(0, ids.length));
  }

  async run(): Promise<Trace> {
    const { maxTokens, maxSearches } = this.options;
    for (let stretch = 0; ; stretch++) {
      const from = this.pieces.length;
      const { stopped, tokens } = await this.write(stretch);
      this.written += tokens;
      if (stopped === 'eos' || stopped === 'aborted') return this.end(stopped);
      if (stopped !== 'stop') return this.end('length');
      if (maxSearches > 0 && this.builder.searchCount >= maxSearches) return this.end('searches');
      if (!(await this.search(this.pieces.slice(from).join('')))) return this.end('aborted');
      if (this.written >= maxTokens) return this.end('length');
    }
  }

  private async write(stretch: number): Promise<TextEnd> {
    const { seed, sampling, maxTokens, signal } = this.options;
    const stream = this.policy.write({
      text: this.prompt + this.pieces.join(''),
      stop: STOP,
      seed: requestSeed(seed, this.task.draw, stretch),
      temperature: sampling.temperature,
      topP: sampling.topP,
      maxTokens: maxTokens - this.written,
      ...(signal === undefined ? {} : { signal }),
    });
    for (;;) {
      const next = await stream.next();
      if (next.done === true) {
        if (next.value.stopped === 'context' && this.pieces.length === 0) {
          throw new Error(
            `The question does not fit into the window of ${this.policy.name}. Raise overrides.context_window_size or choose another model.`,
          );
        }
        return next.value;
      }
      this.pieces.push(next.value);
      this.builder.write({ id: 0 });
      this.tell();
    }
  }

  /** @returns false if stopped meanwhile; the search is then left without a result */
  private async search(segment: string): Promise<boolean> {
    const { passages, emptyQuery, signal } = this.options;
    const { query, problem } = parseQuery(segment);
    const asks = problem === undefined || emptyQuery === 'search';
    const found = asks ? ((await this.retriever.search([query], passages))[0] ?? []) : undefined;
    if (signal?.aborted === true) return false;
    const block = resultText(CHAT_FORMAT, this.policy.plain(foundText(CHAT_FORMAT, found)));
    const pieces = block.match(/\s*\S+/g) ?? [];
    this.pieces.push(...pieces);
    const gold = goldPassages(this.task.question);
    this.builder.insertResult(
      {
        query,
        passages: (found ?? []).map((item) => tracePassage(item, gold)),
        ...(problem === undefined ? {} : { problem }),
      },
      pieces.map(() => 0),
    );
    this.tell();
    return true;
  }

  private snapshot(stop: StopReason): Trace {
    return { ...this.builder.snapshot(stop, performance.now() - this.started), pieces: 'texts' };
  }

  private end(stop: StopReason): Trace {
    const trace = this.snapshot(stop);
    if (stop === 'aborted') return trace;
    const response = rewardText(trace.tokens) + (stop === 'eos' ? END : '');
    return { ...trace, reward: rewardOf(response, END, trace.question.golds, this.options.reward) };
  }

  private tell(): void {
    this.options.onPiece?.(this.task, () => this.snapshot('aborted'));
  }
}

/** A seed a request: web-llm takes one whole number, and its draws are its own. */
function requestSeed(seed: number, draw: number, stretch: number): number {
  return [seed, draw, stretch].reduce((mixed, part) => (Math.imul(mixed ^ part, 0x9e3779b1) >>> 1) + 1, 17);
}

function checkOptions({ sampling, maxTokens, passages }: TextRolloutOptions): void {
  if (!(maxTokens >= 1)) throw new Error(`Rollout: maxTokens is ${maxTokens}; at least 1 is needed.`);
  if (!(passages >= 1)) throw new Error(`Rollout: passages is ${passages}; at least 1 is needed.`);
  if (sampling.topK > 0) {
    throw new Error(`Rollout: web-llm has no top-k sampling; set topK to 0 instead of ${sampling.topK}.`);
  }
}
