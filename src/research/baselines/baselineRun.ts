import type { Policy, PolicyToken } from '../../policy/policy.ts';
import type { RetrievedPassage } from '../../retrieval/retriever.ts';
import { TraceBuilder } from '../../traces/builder.ts';
import type { StopReason, Trace } from '../../traces/trace.ts';
import { encodeResult, passagesText } from '../resultBlock.ts';
import { answerReward } from '../reward.ts';
import type { RolloutTask } from '../rolloutOptions.ts';
import { goldPassages, tracePassage, traceQuestion } from '../traceParts.ts';
import type { BaselineOptions } from './baselineOptions.ts';
import { baselines } from './baselines.ts';
import { ANSWER_END } from './formats.ts';
import { ANSWER_TOKENS, type Brought, type MethodRun, type Step } from './steps.ts';

type Search = Extract<Step, { do: 'search' }>;
type Write = Extract<Step, { do: 'write' }>;

/** What a question under way needs next from its batch. */
export type Need =
  | { readonly kind: 'search'; readonly query: string; readonly k: number }
  /** The policy goes on after `prefix`, of which the first `held` tokens are those it had when it last stopped. */
  | { readonly kind: 'write'; readonly prefix: readonly number[]; readonly held: number }
  | { readonly kind: 'end' };

/** One question under way in one baseline: its method, its context, its trace. Knows nothing of the batch. */
export class BaselineRun {
  readonly task: RolloutTask;
  private readonly policy: Policy;
  private readonly options: BaselineOptions;
  private readonly prompt: readonly number[];
  private readonly builder: TraceBuilder;
  private readonly method: MethodRun;
  private readonly gold: ReadonlySet<string> | undefined;
  private readonly started = performance.now();
  private step: Step | undefined;
  /** What the policy sees now: the prompt, and the response since the last restart. */
  private context: number[];
  /** How much of the context the policy had when it last stopped by itself; 0: it must read all of it. */
  private held = 0;
  private turn: number[] = [];
  private turnLimit = 0;
  /** Closing tag that the last turn did not write. */
  private owed = '';
  private answer: string | undefined;
  private stop: StopReason = 'eos';

  constructor(policy: Policy, task: RolloutTask, prompt: readonly number[], options: BaselineOptions) {
    const { question, group, rollout } = task;
    const { method: name } = options;
    this.task = task;
    this.policy = policy;
    this.options = options;
    this.prompt = prompt;
    this.context = [...prompt];
    this.gold = goldPassages(question);
    const head = {
      id: `${options.label}/${group}.${rollout}`,
      question: traceQuestion(question),
      prompt: { text: policy.tokenizer.decode(prompt), ids: prompt },
      policy: policy.name,
      method: name,
      group,
      rollout,
      seed: options.seed,
    };
    this.builder = new TraceBuilder(head, (ids) => policy.tokenizer.tokenTexts(ids));
    this.method = baselines[name].run(question.text.trim(), options.passages ?? baselines[name].passages);
    this.take(undefined);
  }

  /** Does what needs nobody else, and says what is needed next. */
  need(): Need {
    for (;;) {
      const { step } = this;
      if (step === undefined) return { kind: 'end' };
      if (step.do === 'search') return { kind: 'search', query: step.query, k: step.k };
      if (step.do === 'write') {
        if (this.openTurn(step)) return { kind: 'write', prefix: this.context, held: this.held };
        this.take({ full: true });
        continue;
      }
      this.builder.restart();
      this.context = [...this.prompt];
      this.held = 0;
      this.owed = '';
      this.take(undefined);
    }
  }

  /** Takes what the search brought, best first. */
  found(found: readonly RetrievedPassage[]): void {
    const { step } = this;
    if (step?.do !== 'search') throw new Error('Baseline: passages came without a search.');
    const shown = this.fitting(step, found);
    if (shown === undefined) return this.take({ full: true });
    const passages = shown.map((item) => tracePassage(item, this.gold));
    const ids = this.block(shown);
    if (this.owed !== '') this.give(this.policy.tokenizer.encode(this.owed));
    this.builder.insertResult({ query: step.query, passages }, ids);
    this.context.push(...ids);
    this.take({ passages: shown.map(({ passage }) => passage) });
  }

  /** Takes the policy's next token. @returns whether its turn is over */
  write(token: PolicyToken): boolean {
    const { step } = this;
    if (step?.do !== 'write') throw new Error('Baseline: a token came without a turn.');
    // An end token ends the turn and not the method: it is not kept, so that what follows can stand after it.
    if (token.stopped !== 'eos') {
      this.builder.write(token);
      this.context.push(token.id);
      this.turn.push(token.id);
    }
    if (token.stopped === undefined && this.turn.length < this.turnLimit) return false;
    this.held = token.stopped === 'stop' ? this.context.length : 0;
    const written = this.policy.tokenizer.decode(this.turn);
    this.owed = written.includes(step.end) ? '' : step.end;
    this.stop = this.owed !== '' && token.stopped !== 'eos' ? 'length' : 'eos';
    this.take({ written });
    return true;
  }

  /** The finished trace, scored unless aborted. */
  end(aborted: boolean): Trace {
    const stop = aborted ? 'aborted' : this.stop;
    const trace = this.builder.snapshot(stop, performance.now() - this.started);
    return aborted ? trace : { ...trace, reward: answerReward(this.answer, trace.question.golds, stop) };
  }

  private take(brought: Brought): void {
    const result = this.method.next(brought);
    this.step = result.done === true ? undefined : result.value;
    if (result.done === true) this.answer = result.value;
  }

  /** Puts the opening of a turn there. @returns false where there is no room to write after it */
  private openTurn({ opening, end, most }: Write): boolean {
    const ids = this.policy.tokenizer.encode(this.owed + opening);
    const room = this.room() - ids.length - (end === ANSWER_END ? 0 : RESERVE);
    if (room < 1) return false;
    this.turnLimit = Math.min(most, room);
    this.turn = [];
    this.give(ids);
    return true;
  }

  /** Writes in the policy's name; what was owed is among it. */
  private give(ids: readonly number[]): void {
    this.owed = '';
    this.builder.give(ids);
    this.context.push(...ids);
  }

  /** Response tokens that the context has room for. */
  private room(): number {
    return this.options.maxTokens - (this.context.length - this.prompt.length);
  }

  /** What of a search is new, as far as there is room for it; undefined: not even for the first. */
  private fitting(
    { seen }: Search,
    found: readonly RetrievedPassage[],
  ): readonly RetrievedPassage[] | undefined {
    const fresh = found.filter(({ passage }) => !seen.has(passage.id));
    const room = this.room() - RESERVE;
    for (let count = fresh.length; count > 0; count--) {
      const some = fresh.slice(0, count);
      if (this.block(some).length <= room) return some;
    }
    return fresh.length === 0 && this.block([]).length <= room ? [] : undefined;
  }

  private block(found: readonly RetrievedPassage[]): number[] {
    const { format } = this.options;
    const inner = passagesText(
      format,
      found.map(({ passage }) => passage),
    );
    return encodeResult(this.policy.tokenizer, format, inner);
  }
}

/** Tokens kept free for the answer and the tags that come with it. */
const RESERVE = ANSWER_TOKENS + 16;
