import type {
  AppConfig,
  ChatOptions,
  Completion,
  CompletionCreateParamsStreaming,
  InitProgressCallback,
  WorkerRequest,
  WorkerResponse,
} from '@mlc-ai/web-llm';
import type { WebllmEngine } from './webllmPolicy.ts';

interface Waiting {
  readonly resolve: (content: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** A worker that holds web-llm, and how it is ended: what it held in memory and on the card goes with it. */
export interface OpenedWebllm {
  readonly engine: WebllmEngine;
  close(): void;
}

/**
 * This side of web-llm's worker (`WebWorkerMLCEngineHandler`), in web-llm's own messages. web-llm's client
 * (`WebWorkerMLCEngine`) does the same, but cannot be had without the whole of its 6 MB a second time, and waits forever
 * for a worker that has died; here all that waits is refused then.
 */
export class WebllmConnection implements WebllmEngine {
  private readonly send: (request: WorkerRequest) => void;
  private readonly waiting = new Map<string, Waiting>();
  private progress: InitProgressCallback | undefined;
  private loaded: string[] | undefined;
  private broken: Error | undefined;

  constructor(send: (request: WorkerRequest) => void) {
    this.send = send;
  }

  /** Takes what the worker says. */
  receive(response: WorkerResponse): void {
    if (response.kind === 'heartbeat') return;
    if (response.kind === 'initProgressCallback') {
      this.progress?.(response.content);
      return;
    }
    const asked = this.waiting.get(response.uuid);
    this.waiting.delete(response.uuid);
    // A worker's errors are texts: `Name: message`.
    if (response.kind === 'throw') asked?.reject(response.content);
    else asked?.resolve(response.content);
  }

  /** The worker is no more: what waits for it, and what will be asked of it, is refused with this reason. */
  breakOff(reason: string): void {
    if (this.broken !== undefined) return;
    const error = new Error(reason);
    error.name = 'WebllmWorkerError';
    this.broken = error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  setInitProgressCallback(callback?: InitProgressCallback): void {
    this.progress = callback;
  }

  setAppConfig(config: AppConfig): void {
    this.send({ kind: 'setAppConfig', uuid: crypto.randomUUID(), content: config });
  }

  async reload(modelId: string | string[], options?: ChatOptions | ChatOptions[]): Promise<void> {
    const ids = [modelId].flat();
    await this.ask('reload', {
      modelId: ids,
      ...(options === undefined ? {} : { chatOpts: [options].flat() }),
    });
    this.loaded = ids;
  }

  async resetChat(): Promise<void> {
    await this.ask('resetChat', { keepStats: false, modelId: this.model() });
  }

  async forwardTokensAndSample(inputIds: number[], isPrefill: boolean): Promise<number> {
    const drawn = await this.ask('forwardTokensAndSample', { inputIds, isPrefill, modelId: this.model() });
    return Number(drawn);
  }

  async unload(): Promise<void> {
    this.loaded = undefined;
    await this.ask('unload', null);
  }

  interruptGenerate(): void {
    // Nothing is to be done about an interrupt that a dead worker does not hear.
    void this.ask('interruptGenerate', null).catch(() => undefined);
  }

  readonly completions = {
    create: async (request: CompletionCreateParamsStreaming): Promise<AsyncIterable<Completion>> => {
      const selectedModelId = this.model();
      const modelId = this.loaded ?? [];
      const streamId = crypto.randomUUID();
      await this.ask('completionStreamInit', { request, selectedModelId, streamId, modelId });
      return this.chunks(streamId);
    },
  };

  private model(): string {
    const name = this.loaded?.[0];
    if (name !== undefined) return name;
    const error = new Error('No model is loaded.');
    error.name = 'WorkerEngineModelNotLoadedError';
    throw error;
  }

  /** Each chunk is asked for; one that is no object is the end. */
  private async *chunks(streamId: string): AsyncGenerator<Completion> {
    let ended = false;
    try {
      for (;;) {
        const chunk = await this.ask('completionStreamNextChunk', { streamId });
        if (typeof chunk !== 'object' || chunk === null) {
          ended = true;
          return;
        }
        yield chunk as Completion;
      }
    } finally {
      if (!ended) await this.ask('completionStreamReturn', { streamId }).catch(() => undefined);
    }
  }

  private ask(kind: WorkerRequest['kind'], content: WorkerRequest['content']): Promise<unknown> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    const uuid = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      this.waiting.set(uuid, { resolve, reject });
      this.send({ kind, uuid, content });
    });
  }
}
