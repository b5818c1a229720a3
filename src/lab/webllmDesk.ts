import type { ModelRecord } from '@mlc-ai/web-llm';
import { forgetFolders, isDropped, keepFolder, type FolderCaches } from '../policy/webllmFolder.ts';
import type { OpenedWebllm } from '../policy/webllmConnection.ts';
import { isLost } from '../policy/webllmErrors.ts';
import { WebllmPolicy } from '../policy/webllmPolicy.ts';
import { rowOf } from '../research/methodRows.ts';
import type { EvaluatedCell } from '../research/methods.ts';
import { groupTasks } from '../research/rolloutOptions.ts';
import { rollOutText, type TextRolloutOptions } from '../research/textRollout.ts';
import type { Retriever } from '../retrieval/retriever.ts';
import type { Trace } from '../traces/trace.ts';
import type { Question, QuestionSet } from '../world/types.ts';
import { nowAndThen } from './nowAndThen.ts';
import type { Recipe } from './recipe.ts';
import type { WebllmRequest, WebllmState } from './webllmProtocol.ts';

type LoadRequest = Extract<WebllmRequest, { type: 'webllm-load' }>;
type PlayRequest = Extract<WebllmRequest, { type: 'webllm-play' }>;

/**
 * Most tokens that such a model writes to a question: it thinks in whole sentences, not in the nano policy's few words,
 * and most have a window of 4096 tokens for prompt, passages and answer.
 */
const MOST_TOKENS = 1024;
/** Seed of the bootstrap. */
const BOOTSTRAP_SEED = 1;
/** The method of a model that was told the format and never rewarded for it. */
const METHOD = 'research-untrained';

/** Where web-llm runs: how a worker of it is started, and where it keeps files. */
export interface WebllmPlace {
  readonly open: () => OpenedWebllm;
  readonly caches: () => FolderCaches;
}

interface Held {
  readonly record: ModelRecord;
  readonly policy: WebllmPolicy;
  readonly opened: OpenedWebllm;
  /** Aborted when the model goes. */
  readonly gone: AbortController;
}

/** One model run by web-llm: loaded, asked, given back. */
export class WebllmDesk {
  private readonly place: WebllmPlace;
  private readonly tell: (state: WebllmState) => void;
  private held: Held | undefined;
  private loading: AbortController | undefined;
  /** Requests run one after the other: an interrupt of web-llm's is of whatever runs. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(place: WebllmPlace, tell: (state: WebllmState) => void) {
    this.place = place;
    this.tell = tell;
  }

  /** Loads a model in place of the one before. What goes wrong is told as the state `failed`. */
  async load({ record, files = [] }: LoadRequest): Promise<void> {
    await this.unload();
    const model = record.model_id;
    const stop = new AbortController();
    this.loading = stop;
    const say = (progress: number, text: string): void => {
      if (this.loading === stop) this.tell({ status: 'loading', model, progress, text });
    };
    say(0, 'Starting web-llm');
    const began = performance.now();
    const opened = this.place.open();
    // The worker ends at once, also where web-llm would go on compiling.
    stop.signal.addEventListener('abort', () => opened.close());
    try {
      const dropped = isDropped(record) ? await keepFolder(record, files, this.place.caches()) : undefined;
      const policy = await WebllmPolicy.load(opened.engine, record, {
        signal: stop.signal,
        onProgress: ({ progress, text }) => say(progress, text),
        ...(dropped === undefined ? {} : { fetch: dropped }),
      });
      stop.signal.throwIfAborted();
      this.held = { record, policy, opened, gone: new AbortController() };
      this.tell({
        status: 'ready',
        model,
        seconds: (performance.now() - began) / 1000,
        ...(record.vram_required_MB === undefined ? {} : { vramMegabytes: record.vram_required_MB }),
      });
    } catch (error) {
      await this.giveBack(record, opened);
      if (stop.signal.aborted) return;
      this.tell({ status: 'failed', model, message: messageOf(error) });
    } finally {
      if (this.loading === stop) this.loading = undefined;
    }
  }

  /** Stops a load, ends what the model writes, and gives its memory back. */
  async unload(): Promise<void> {
    const { held, loading } = this;
    this.held = undefined;
    this.loading = undefined;
    loading?.abort();
    held?.gone.abort(new Error('The model was unloaded.'));
    if (held !== undefined) await this.giveBack(held.record, held.opened);
    if (held !== undefined || loading !== undefined) this.tell({ status: 'none' });
  }

  /** One rollout; `onTrace` gets snapshots while it is written. */
  async play(
    retriever: Retriever,
    recipe: Recipe,
    { id, question, temperature, seed }: PlayRequest,
    signal: AbortSignal,
    onTrace: (trace: Trace) => void,
  ): Promise<Trace> {
    const [trace] = await this.rollOut([question], retriever, recipe, signal, {
      seed,
      sampling: { temperature, topK: 0, topP: 1 },
      label: `web-llm ${String(id)}`,
      onPiece: nowAndThen(onTrace),
    });
    if (!trace) throw new Error('The rollout was stopped before it began.');
    return trace;
  }

  /**
   * All questions of one set, greedily.
   * @throws the signal's reason when aborted: half a cell is none
   */
  async evaluate(
    set: QuestionSet,
    questions: readonly Question[],
    retriever: Retriever,
    recipe: Recipe,
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void,
  ): Promise<EvaluatedCell> {
    onProgress(0, questions.length);
    const traces = await this.rollOut(questions, retriever, recipe, signal, {
      seed: BOOTSTRAP_SEED,
      sampling: { temperature: 0, topK: 0, topP: 1 },
      label: `web-llm/${set}`,
      onProgress,
    });
    signal.throwIfAborted();
    return { row: rowOf(METHOD, set, traces, BOOTSTRAP_SEED), traces };
  }

  private rollOut(
    questions: readonly Question[],
    retriever: Retriever,
    { rollout, reward }: Recipe,
    signal: AbortSignal,
    options: Pick<TextRolloutOptions, 'seed' | 'sampling' | 'label'> & Partial<TextRolloutOptions>,
  ): Promise<Trace[]> {
    const { held } = this;
    if (held === undefined) throw new Error('No web-llm model is loaded: load one under Models.');
    const either = AbortSignal.any([signal, held.gone.signal]);
    return this.inTurn(async () => {
      try {
        return await rollOutText(held.policy, retriever, groupTasks(questions, 1), {
          passages: rollout.passages,
          maxTokens: MOST_TOKENS,
          maxSearches: rollout.maxSearches,
          emptyQuery: 'answer nothing',
          reward,
          ...options,
          signal: either,
        });
      } catch (error) {
        // A worker that was ended rejects what it was writing; what was told of it stays.
        held.gone.signal.throwIfAborted();
        if (error instanceof Error && isLost(error.cause)) this.lose(held, error.message);
        throw error;
      }
    });
  }

  /** The device is gone, and the model with it; its worker is of no more use. */
  private lose(held: Held, message: string): void {
    if (this.held !== held) return;
    this.held = undefined;
    this.tell({ status: 'lost', model: held.record.model_id, message });
    void this.giveBack(held.record, held.opened);
  }

  /** Ends the worker, and takes a dropped folder out of the browser's storage. */
  private async giveBack(record: ModelRecord, opened: OpenedWebllm): Promise<void> {
    opened.close();
    if (!isDropped(record)) return;
    // What cannot be taken out now goes when the next folder comes.
    await forgetFolders(this.place.caches()).catch(() => undefined);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.queue.then(work);
    this.queue = mine.catch(() => undefined);
    return mine;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
