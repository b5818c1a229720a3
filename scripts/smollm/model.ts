/** SmolLM2 out of its GGUF file, as these scripts use it. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Backend } from '../../src/engine/backend.ts';
import { Decoder } from '../../src/engine/decoder.ts';
import { FrozenWeights, type WeightKind } from '../../src/engine/frozenWeights.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { nodeHost } from '../../src/engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../../src/engine/wasm/wasmBackend.ts';
import type { NamedTensors } from '../../src/engine/tensors.ts';
import { ggufParts } from '../../src/lab/ggufReader.ts';
import type { ModelParts } from '../../src/lab/modelFiles.ts';

export interface OpenedFile extends ModelParts {
  readonly tensors: NamedTensors;
}

export async function openFile(path: string): Promise<OpenedFile> {
  const file = basename(path);
  const parts = ggufParts(await readFile(path), file);
  return { ...parts, tensors: await parts.weights() };
}

export const openBackend = (threads: number): Promise<Backend> =>
  createWasmBackend({ host: nodeHost, threads });

/** The model with frozen weights and nothing to train. */
export function frozenDecoder(
  backend: Backend,
  { config, tensors, file }: OpenedFile,
  kind: WeightKind,
): { readonly decoder: Decoder; readonly dispose: () => void } {
  const weights = new FrozenWeights(backend, config, tensors, kind, file);
  const none = new Parameters(backend, []);
  return {
    decoder: new Decoder(config, none, weights),
    dispose: () => {
      weights.dispose();
      none.dispose();
    },
  };
}
