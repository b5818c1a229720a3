/** One sequence by our engine and by llama.cpp in WebAssembly, in one page: each in a worker, with the same threads. */
import { measure, type MeasureOptions } from '../measure.ts';
import type { CompletionResponse } from '../peers/wllama.d.ts';
import type { WorkerReply, WorkerRequest } from './oneSequence.ts';
import { importWllama, openLlama } from './openLlama.ts';

export interface PageTask {
  readonly threads: number;
  readonly prompt: readonly number[];
  readonly promptText: string;
  readonly tokens: number;
  readonly measure: MeasureOptions;
  /** Address of the folder of @wllama/wllama. */
  readonly wllama: string;
}

export interface PageResult {
  readonly ours: string;
  readonly llama: string;
  /** Greedy continuations. */
  readonly oursIds: readonly number[];
  readonly llamaIds: readonly number[];
  readonly llamaPromptTokens: number;
  /** Median seconds of prompt and continuation. */
  readonly oursSeconds: number;
  readonly llamaSeconds: number;
}

declare global {
  interface Window {
    decodeOne(task: PageTask): Promise<PageResult>;
  }
}

const worker = new Worker(new URL('./oursWorker.ts', import.meta.url), { type: 'module' });

function ask(request: WorkerRequest): Promise<Exclude<WorkerReply, { error: string }>> {
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
      if ('error' in data) reject(new Error(data.error));
      else resolve(data);
    };
    worker.postMessage(request);
  });
}

window.decodeOne = async (task) => {
  const started = await ask({ kind: 'start', threads: task.threads });
  const module = await importWllama(task.wllama);
  const llama = await openLlama(module, { ...task, file: 'policy.gguf', context: 512 });
  const ours = (): ReturnType<typeof ask> =>
    ask({ kind: 'greedy', prompt: task.prompt, tokens: task.tokens });
  const theirs = (more: object = {}): Promise<CompletionResponse> =>
    llama.createCompletion({
      prompt: task.promptText,
      max_tokens: task.tokens,
      temperature: 0,
      ignore_eos: true,
      cache_prompt: false,
      ...more,
    });
  const oursIds = await ours();
  // With log-probabilities llama.cpp says which token it wrote; the timed runs do without.
  const told = await theirs({ logprobs: 1 });
  const times = await measure(
    [
      { name: 'ours', run: async () => void (await ours()) },
      { name: 'llama', run: async () => void (await theirs()) },
    ],
    task.measure,
  );
  const result: PageResult = {
    ours: 'label' in started ? started.label : '',
    llama: `llama.cpp ${module.Wllama.getLibllamaVersion()}, ${llama.getNumThreads()} threads`,
    oursIds: 'ids' in oursIds ? oursIds.ids : [],
    llamaIds: (told.choices[0]?.logprobs?.content ?? []).map(({ id }) => id),
    llamaPromptTokens: told.usage.prompt_tokens,
    oursSeconds: times.get('ours') ?? NaN,
    llamaSeconds: times.get('llama') ?? NaN,
  };
  await llama.exit();
  worker.terminate();
  return result;
};
