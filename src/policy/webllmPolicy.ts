import type {
  Completion,
  CompletionCreateParamsStreaming,
  InitProgressReport,
  MLCEngineInterface,
  ModelRecord,
} from '@mlc-ai/web-llm';
import { z } from 'zod';
import type { TextEnd, TextPolicy, TextRequest } from './textPolicy.ts';
import { calledOff, translateWebllm, webllmFault } from './webllmErrors.ts';
import { GREEDY, WebllmKept, type KeptLimits, type TokenEngine } from './webllmKept.ts';
import { modelFolder } from './webllmRecord.ts';
import { restOfStop } from './webllmStop.ts';
import { ChatText, conversationSchema } from './webllmTemplate.ts';

/** The part of web-llm's engine that is used: an `MLCEngine`, or the connection to one in a worker. */
export type WebllmEngine = Pick<
  MLCEngineInterface,
  'setInitProgressCallback' | 'setAppConfig' | 'reload' | 'unload' | 'interruptGenerate'
> &
  TokenEngine & {
    readonly completions: {
      create(request: CompletionCreateParamsStreaming): Promise<AsyncIterable<Completion>>;
    };
  };

export interface WebllmLoading {
  /** `progress` is a share from 0 to 1; `text` is web-llm's own line. */
  readonly onProgress?: (report: Pick<InitProgressReport, 'progress' | 'text'>) => void;
  /** Stops the load; what was fetched whole stays in the browser's cache. */
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

const chatConfigSchema = z.looseObject({
  conv_template: conversationSchema,
  tokenizer_files: z.array(z.string()),
  context_window_size: z.int().optional(),
  sliding_window_size: z.int().optional(),
});
const tokenizerSchema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int(), content: z.string().min(1) })),
});

/**
 * A model run by web-llm. It continues texts; it has no gradients, its weights cannot be changed, and it tells no
 * logprobs: web-llm's are those after penalties and temperature, of a few tokens, so none are given rather than wrong ones.
 */
export class WebllmPolicy implements TextPolicy {
  readonly name: string;
  private readonly engine: WebllmEngine;
  private readonly chat: ChatText;
  /** For greedy requests, where the model's tokenizer can be read. */
  private readonly kept: WebllmKept | undefined;

  private constructor(engine: WebllmEngine, name: string, { chat, tokenizerJson, limits }: ModelForm) {
    this.engine = engine;
    this.name = name;
    this.chat = chat;
    this.kept = limits && WebllmKept.over(engine, tokenizerJson, limits);
  }

  /**
   * Loads a model, prebuilt or custom.
   * @throws AbortError when stopped; else an Error in plain words. The engine then holds no model.
   */
  static async load(
    engine: WebllmEngine,
    record: ModelRecord,
    { onProgress, signal, fetch: get = fetch }: WebllmLoading = {},
  ): Promise<WebllmPolicy> {
    const doing = `Loading ${record.model_id}`;
    const isStopped = (): boolean => signal?.aborted === true;
    const stop = (): void => void engine.unload().catch(() => undefined);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const form = await readForm(record, get, signal);
      if (isStopped()) throw calledOff(doing);
      engine.setInitProgressCallback(({ progress, text }) => onProgress?.({ progress, text }));
      engine.setAppConfig({ model_list: [record] });
      await engine.reload(record.model_id, GREEDY);
      // A stopped load may resolve all the same, and one stopped while shaders compile even ends with a loaded model.
      if (isStopped()) throw calledOff(doing);
      return new WebllmPolicy(engine, record.model_id, form);
    } catch (error) {
      await engine.unload().catch(() => undefined);
      throw isStopped() ? calledOff(doing) : translateWebllm(error, doing);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  prompt(system: string, question: string): string {
    return this.chat.prompt(system, question);
  }

  plain(text: string): string {
    return this.chat.plain(text);
  }

  async *write(request: TextRequest): AsyncGenerator<string, TextEnd> {
    if (request.signal?.aborted === true) return { stopped: 'aborted', tokens: 0 };
    // A draw keeps its seed and temperature: only completions take them.
    if (this.kept === undefined || request.temperature > 0) return yield* this.complete(request);
    try {
      return yield* this.kept.write(request);
    } catch (error) {
      throw translateWebllm(error, `Writing with ${this.name}`);
    }
  }

  async dispose(): Promise<void> {
    await this.engine.unload();
  }

  /** By a text completion, which reads the whole text anew. */
  private async *complete(request: TextRequest): AsyncGenerator<string, TextEnd> {
    this.kept?.forget();
    const { signal, stop } = request;
    const isStopped = (): boolean => signal?.aborted === true;
    let written = '';
    let pieces = 0;
    let tokens: number | undefined;
    let reason: string | undefined;
    // An interrupt before the engine has begun is forgotten, so it is also said again at each piece.
    const interrupt = (): void => this.engine.interruptGenerate();
    signal?.addEventListener('abort', interrupt);
    try {
      for await (const { choices, usage } of await this.stream(request)) {
        if (isStopped()) interrupt();
        const choice = choices[0];
        reason = choice?.finish_reason ?? reason;
        tokens = usage?.completion_tokens ?? tokens;
        if (choice === undefined || choice.text === '') continue;
        written += choice.text;
        pieces++;
        yield choice.text;
      }
    } catch (error) {
      if (webllmFault(error).name === 'ContextWindowSizeExceededError')
        return { stopped: 'context', tokens: pieces };
      throw translateWebllm(error, `Writing with ${this.name}`);
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
    const count = tokens ?? pieces;
    if (reason === 'abort') return { stopped: 'aborted', tokens: count };
    // The window being full is also told as "length".
    if (reason === 'length')
      return { stopped: count < request.maxTokens ? 'context' : 'length', tokens: count };
    if (reason !== 'stop') {
      throw new Error(
        `Writing with ${this.name} failed. web-llm ended without saying why (${reason ?? 'nothing'}).`,
      );
    }
    const rest = restOfStop(written, stop);
    if (rest === undefined) return { stopped: 'eos', tokens: count };
    yield rest;
    return { stopped: 'stop', tokens: count };
  }

  private stream({
    text,
    stop,
    seed,
    temperature,
    topP,
    maxTokens,
  }: TextRequest): Promise<AsyncIterable<Completion>> {
    return this.engine.completions.create({
      prompt: text,
      stop: [stop.closing],
      seed,
      temperature,
      top_p: topP,
      max_tokens: maxTokens,
      // A model's own defaults would change what is drawn from.
      repetition_penalty: 1,
      frequency_penalty: 0,
      presence_penalty: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
  }
}

/** How a model is spoken to. */
interface ModelForm {
  readonly chat: ChatText;
  readonly tokenizerJson: unknown;
  /** Absent where its cache slides: what it still holds of a text is web-llm's business then. */
  readonly limits: KeptLimits | undefined;
}

/** The form of a model, from the files that web-llm will read too. */
async function readForm(
  record: ModelRecord,
  get: typeof fetch,
  signal: AbortSignal | undefined,
): Promise<ModelForm> {
  const file = async <T>(name: string, schema: z.ZodType<T>): Promise<T> => {
    const url = new URL(name, modelFolder(record)).href;
    const response = await get(url, signal === undefined ? {} : { signal });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
    const content: unknown = await response.json().catch(() => {
      throw new Error(
        `${url} is not JSON; perhaps it is a page of the server's. Check the record's "model".`,
      );
    });
    const parsed = schema.safeParse(content);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new Error(
      `${url}: field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'is wrong'}. The folder must be one made by mlc_llm.`,
    );
  };
  const config = await file('mlc-chat-config.json', chatConfigSchema);
  if (!config.tokenizer_files.includes('tokenizer.json')) {
    throw new Error(
      'mlc-chat-config.json names no tokenizer.json in tokenizer_files; the chat form cannot be read without it.',
    );
  }
  const tokenizerJson = await file('tokenizer.json', tokenizerSchema);
  const { overrides } = record;
  const own = overrides?.conv_template;
  const conversation = own === undefined ? config.conv_template : conversationSchema.parse(own);
  const slides = (overrides?.sliding_window_size ?? config.sliding_window_size ?? -1) !== -1;
  const limits = {
    window: overrides?.context_window_size ?? config.context_window_size ?? -1,
    stopTokens: conversation.stop_token_ids ?? [],
    stopTexts: (conversation.stop_str ?? []).filter((text) => text !== ''),
  };
  return {
    chat: new ChatText(conversation, tokenizerJson.added_tokens),
    tokenizerJson,
    limits: slides ? undefined : limits,
  };
}
