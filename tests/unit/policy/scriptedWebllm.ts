import type {
  AppConfig,
  ChatOptions,
  Completion,
  CompletionCreateParamsStreaming,
  InitProgressCallback,
  MLCEngineInterface,
  ModelRecord,
} from '@mlc-ai/web-llm';
import type { HfTokenizer } from '../../../src/text/hfTokenizer.ts';
import type { WebllmEngine } from '../../../src/policy/webllmPolicy.ts';

export const RECORD: ModelRecord = {
  model: 'https://models.test/tiny',
  model_id: 'tiny-q4f32_1-MLC',
  model_lib: 'https://models.test/tiny.wasm',
};

/** The chat form of Qwen2 and SmolLM2. */
export const CHATML = {
  stop_token_ids: [2],
  stop_str: ['<|im_end|>'],
  system_template: '<|im_start|>system\n{system_message}<|im_end|>\n',
  roles: { user: '<|im_start|>user', assistant: '<|im_start|>assistant' },
  role_templates: { user: '{user_message}' },
  seps: ['<|im_end|>\n'],
  role_content_sep: '\n',
  role_empty_sep: '\n',
};
export const ADDED = [
  { id: 1, content: '<|im_start|>' },
  { id: 2, content: '<|im_end|>' },
];

/** Serves the two files that are read beside web-llm, and keeps what was asked for. */
export function servedFiles(
  files: Readonly<Record<string, unknown>> = {},
): typeof fetch & { asked: string[] } {
  const all: Record<string, unknown> = {
    'mlc-chat-config.json': { conv_template: CHATML, tokenizer_files: ['tokenizer.json'] },
    'tokenizer.json': { added_tokens: ADDED },
    ...files,
  };
  const asked: string[] = [];
  const serve = (url: RequestInfo | URL): Promise<Response> => {
    const address = url instanceof Request ? url.url : String(url);
    asked.push(address);
    const file = all[address.split('/').at(-1) ?? ''];
    return Promise.resolve(
      file === undefined ? new Response('', { status: 404, statusText: 'Not Found' }) : Response.json(file),
    );
  };
  return Object.assign(serve, { asked });
}

/** What the scripted model does when asked to go on. */
export interface Stretch {
  /** Tokens as texts. The end token follows the last, unless `then` says otherwise. */
  readonly tokens: readonly string[];
  /** Thrown in place of the end token. */
  readonly then?: Error;
  /** Thrown before the first token, as a prompt too long is. */
  readonly refused?: Error;
}

/** The id of `<|im_end|>`, with which every answer ends. */
export const END_ID = 2;

type Engine = Pick<MLCEngineInterface, keyof WebllmEngine & keyof MLCEngineInterface>;

/**
 * Behaves as web-llm 0.2.86 does where it is relied on (`processNextToken`, `streamCurrentGeneration`, `reload`,
 * `unload` of its sources, and its worker's errors as texts): the message is cut before a stop while the stream may have
 * shown its beginning; "stop" is told for a stop and for the end alike; an interrupt is forgotten when a request begins
 * and looked at between tokens; a lost device leaves an engine without a model.
 */
export class ScriptedWebllm implements WebllmEngine {
  readonly requests: CompletionCreateParamsStreaming[] = [];
  readonly calls: string[] = [];
  appConfig: AppConfig | undefined;
  /** Runs during `reload`; what it throws, `reload` throws. */
  loading: () => Promise<void> = () => Promise.resolve();
  contextWindow = Infinity;
  /** Tokens that were read at once, before a first new one: prompts, and results. */
  prefilled = 0;
  /** Ids in its cache, where it has a tokenizer. A sampled token is in it when it has been given back. */
  cache: number[] = [];
  options: ChatOptions | undefined;
  private readonly script: Stretch[];
  private readonly tokenizer: HfTokenizer | undefined;
  /** Ids that the stretch under way has left. */
  private left: number[] = [];
  private loaded = false;
  private interrupted = false;
  private progress: InitProgressCallback | undefined;

  constructor(script: readonly Stretch[] = [], tokenizer?: HfTokenizer) {
    this.script = [...script];
    this.tokenizer = tokenizer;
  }

  readonly setInitProgressCallback: Engine['setInitProgressCallback'] = (callback) => {
    this.progress = callback;
  };

  readonly setAppConfig: Engine['setAppConfig'] = (config) => {
    this.appConfig = config;
  };

  readonly reload: Engine['reload'] = async (modelId, options) => {
    this.options = [options ?? []].flat()[0];
    this.calls.push(`reload ${String(modelId)}`);
    this.progress?.({ progress: 0.5, timeElapsed: 1, text: 'Fetching param cache[1/2]' });
    await this.loading();
    this.loaded = true;
    this.progress?.({ progress: 1, timeElapsed: 2, text: 'Finish loading' });
  };

  readonly unload: Engine['unload'] = () => {
    this.calls.push('unload');
    this.loaded = false;
    return Promise.resolve();
  };

  readonly interruptGenerate: Engine['interruptGenerate'] = () => {
    this.interrupted = true;
  };

  get holdsModel(): boolean {
    return this.loaded;
  }

  loseDevice(): void {
    this.loaded = false;
  }

  readonly resetChat = (): Promise<void> => {
    this.cache = [];
    return Promise.resolve();
  };

  /** Takes neither temperature nor seed nor stops: it draws by the options of the load, and goes on past any end. */
  readonly forwardTokensAndSample = async (inputIds: number[], isPrefill: boolean): Promise<number> => {
    await Promise.resolve();
    if (!this.loaded) throw textError('WorkerEngineModelNotLoadedError: not loaded with a model');
    this.cache.push(...inputIds);
    if (isPrefill) {
      this.prefilled += inputIds.length;
      const stretch = this.script.shift();
      if (stretch === undefined) throw new Error('the script has ended');
      if (stretch.refused !== undefined) throw stretch.refused;
      this.left = stretch.tokens.flatMap((text) => this.idsOf(text));
    }
    return this.left.shift() ?? END_ID;
  };

  readonly completions = {
    create: ((request: CompletionCreateParamsStreaming) => {
      this.requests.push(request);
      // A worker throws texts.
      if (!this.loaded)
        return Promise.reject(textError('WorkerEngineModelNotLoadedError: not loaded with a model'));
      return Promise.resolve(this.stream(request));
    }) as MLCEngineInterface['completions']['create'],
  };

  private async *stream(request: CompletionCreateParamsStreaming): AsyncGenerator<Completion> {
    this.interrupted = false;
    const stretch = this.script.shift();
    if (stretch === undefined) throw new Error('the script has ended');
    if (stretch.refused !== undefined) throw stretch.refused;
    // A completion begins with an empty cache, whatever it held.
    this.cache = this.idsOf(request.prompt);
    this.prefilled += this.cache.length;
    const stops = [request.stop ?? []].flat();
    let output = '';
    let shown = 0;
    let count = 0;
    let reason: 'stop' | 'length' | 'abort' | undefined;
    for (const token of stretch.tokens) {
      if (this.interrupted) {
        reason = 'abort';
        break;
      }
      await Promise.resolve();
      output += token;
      count++;
      let message = output;
      for (const stop of stops) {
        const at = output.lastIndexOf(stop);
        if (at < 0) continue;
        message = output.slice(0, at);
        reason = 'stop';
      }
      if (count >= (request.max_tokens ?? Infinity) || count >= this.contextWindow) reason = 'length';
      yield this.chunk([{ text: message.slice(shown), finish_reason: null, index: 0 }]);
      shown = message.length;
      if (reason !== undefined) break;
    }
    if (reason === undefined && stretch.then !== undefined) throw stretch.then;
    yield this.chunk([{ text: '', finish_reason: reason ?? 'stop', index: 0 }]);
    yield {
      ...this.chunk([]),
      usage: {
        completion_tokens: count,
        prompt_tokens: 1,
        total_tokens: count + 1,
        extra: {},
      } as NonNullable<Completion['usage']>,
    };
  }

  private idsOf(text: string): number[] {
    return this.tokenizer?.encode(text) ?? [];
  }

  private chunk(choices: Completion['choices']): Completion {
    return { id: 'c', created: 0, model: RECORD.model_id, object: 'text_completion', choices };
  }
}

/** Rejections of web-llm's worker are texts, not errors. */
export const textError = (text: string): Error => text as unknown as Error;
