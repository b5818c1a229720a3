/** Greedy continuations of some prompts by llama.cpp, from a GGUF file that the export command wrote. */
import { importWllama, openLlama } from './openLlama.ts';

export interface ExportedTask {
  /** Address of the folder of @wllama/wllama. */
  readonly wllama: string;
  /** In the exported folder. */
  readonly file: string;
  readonly threads: number;
  readonly prompts: readonly string[];
  readonly tokens: number;
}

export interface ExportedResult {
  readonly llama: string;
  /** A prompt each, in order. */
  readonly answers: readonly {
    readonly promptTokens: number;
    readonly ids: readonly number[];
    readonly text: string;
  }[];
}

declare global {
  interface Window {
    continueAll(task: ExportedTask): Promise<ExportedResult>;
  }
}

const CONTEXT = 1024;

window.continueAll = async ({ prompts, tokens, ...task }) => {
  const module = await importWllama(task.wllama);
  const llama = await openLlama(module, { ...task, context: CONTEXT });
  const answers: ExportedResult['answers'][number][] = [];
  for (const prompt of prompts) {
    const { choices, usage } = await llama.createCompletion({
      prompt,
      max_tokens: tokens,
      temperature: 0,
      cache_prompt: false,
      // With log-probabilities it says which tokens it wrote.
      logprobs: 1,
    });
    const ids = (choices[0]?.logprobs?.content ?? []).map(({ id }) => id);
    answers.push({ promptTokens: usage.prompt_tokens, ids, text: choices[0]?.text ?? '' });
  }
  const label = `llama.cpp ${module.Wllama.getLibllamaVersion()} (wllama), ${llama.getNumThreads()} threads`;
  await llama.exit();
  return { llama: label, answers };
};
