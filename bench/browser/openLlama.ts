/** llama.cpp in WebAssembly, in a page. */
import type { Wllama, WllamaModule } from '../peers/wllama.d.ts';
import { EXPORTED } from './oneSequence.ts';

/** @param wllama address of the folder of @wllama/wllama */
export const importWllama = async (wllama: string): Promise<WllamaModule> =>
  (await import(/* @vite-ignore */ `${wllama}esm/index.js`)) as WllamaModule;

/**
 * Opens a GGUF file of the exported folder, one sequence at a time, keys and values in 32 bits.
 * @throws where the file is not served, or llama.cpp refuses it
 */
export async function openLlama(
  { Wllama }: WllamaModule,
  {
    wllama,
    file,
    threads,
    context,
  }: {
    readonly wllama: string;
    readonly file: string;
    readonly threads: number;
    readonly context: number;
  },
): Promise<Wllama> {
  const response = await fetch(`${EXPORTED}${file}`);
  if (!response.ok) throw new Error(`${file}: HTTP ${response.status}`);
  const llama = new Wllama({ default: `${wllama}esm/wasm/wllama.wasm` }, { suppressNativeLog: true });
  await llama.loadModel([await response.blob()], {
    n_ctx: context,
    n_threads: threads,
    n_gpu_layers: 0,
    n_parallel: 1,
    cache_type_k: 'f32',
    cache_type_v: 'f32',
  });
  return llama;
}
