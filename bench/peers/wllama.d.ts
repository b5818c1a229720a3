/**
 * The part of @wllama/wllama (llama.cpp in WebAssembly) that the browser page uses. The page imports the package by
 * its address, because by its name TypeScript would find, and check, the sources inside the package.
 */
export interface CompletionResponse {
  readonly choices: readonly {
    readonly text: string;
    /** llama.cpp's server gives the ids; OpenAI's form, which the package declares, does not. */
    readonly logprobs: { readonly content?: readonly { readonly id: number }[] } | null;
  }[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

export interface Wllama {
  loadModel(
    files: readonly Blob[],
    params: {
      readonly n_ctx: number;
      readonly n_threads: number;
      readonly n_gpu_layers: number;
      readonly n_parallel: number;
      readonly cache_type_k: 'f32' | 'f16';
      readonly cache_type_v: 'f32' | 'f16';
    },
  ): Promise<void>;
  getNumThreads(): number;
  createCompletion(params: Readonly<Record<string, unknown>>): Promise<CompletionResponse>;
  exit(): Promise<void>;
}

export interface WllamaModule {
  readonly Wllama: {
    new (paths: { readonly default: string }, config?: { readonly suppressNativeLog?: boolean }): Wllama;
    getLibllamaVersion(): string;
  };
}
