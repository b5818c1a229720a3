/** A whole model out of one GGUF file. */
import { EngineError, type Backend } from '../engine/backend.ts';
import type { ByteSource } from '../engine/byteSource.ts';
import type { DecoderConfig } from '../engine/config.ts';
import { Decoder, decoderTensors } from '../engine/decoder.ts';
import { readGguf, type GgufTensor } from '../engine/ggufFile.ts';
import { Parameters } from '../engine/parameters.ts';
import { HfTokenizer } from '../text/hfTokenizer.ts';
import { ggufTokenizer, type GgufTokenizer } from '../text/ggufTokenizer.ts';
import { ggufConfig } from './ggufConfig.ts';
import { ggufWeights } from './ggufWeights.ts';
import type { LoadedModel } from './modelFiles.ts';

export interface GgufParts {
  readonly config: DecoderConfig;
  /** By Hugging Face's names, as they lie in the file. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  readonly tokenizer: GgufTokenizer;
}

/** What a file holds, nothing of it on a device yet. */
export function ggufParts(bytes: Uint8Array | ByteSource, file: string): GgufParts {
  const gguf = readGguf(bytes, file);
  const config = ggufConfig(gguf, file);
  const tensors = ggufWeights(gguf, config, file);
  try {
    return { config, tensors, tokenizer: ggufTokenizer(gguf.metadata, file) };
  } catch (error) {
    throw new EngineError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The model with its weights as f32, ready to run and to be trained whole. */
export function loadGguf(backend: Backend, bytes: Uint8Array, file: string): LoadedModel {
  const { config, tensors, tokenizer } = ggufParts(bytes, file);
  const parameters = new Parameters(backend, decoderTensors(config));
  try {
    parameters.load(tensors, file);
  } catch (error) {
    parameters.dispose();
    throw error;
  }
  return {
    decoder: new Decoder(config, parameters),
    tokenizer: new HfTokenizer(tokenizer.json, tokenizer.config),
  };
}
