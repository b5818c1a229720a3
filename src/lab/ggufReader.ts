/** A whole model out of one GGUF file. */
import { EngineError } from '../engine/backend.ts';
import type { ByteSource } from '../engine/byteSource.ts';
import type { WeightKind } from '../engine/frozenWeights.ts';
import { readGguf, type GgufTensor } from '../engine/ggufFile.ts';
import { HfTokenizer } from '../text/hfTokenizer.ts';
import { ggufTokenizer, type GgufTokenizer } from '../text/ggufTokenizer.ts';
import { ggufConfig } from './ggufConfig.ts';
import { ggufWeights } from './ggufWeights.ts';
import type { ModelParts } from './modelFiles.ts';

/** What a file holds, nothing of it on a device yet. */
export function ggufParts(bytes: Uint8Array | ByteSource, file: string): ModelParts {
  const gguf = readGguf(bytes, file);
  const config = ggufConfig(gguf, file);
  const tensors = ggufWeights(gguf, config, file);
  const { json, config: tokenizerConfig } = tokenizerOf(gguf.metadata, file);
  return {
    config,
    file,
    tokenizerJson: json,
    tokenizerConfig,
    tokenizer: new HfTokenizer(json, tokenizerConfig),
    kept: keptIn(tensors),
    weights: () => Promise.resolve(tensors),
  };
}

function tokenizerOf(metadata: ReadonlyMap<string, unknown>, file: string): GgufTokenizer {
  try {
    return ggufTokenizer(metadata, file);
  } catch (error) {
    throw new EngineError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** How the layers' matrices lie in the file, told from one that all models have. */
function keptIn(tensors: ReadonlyMap<string, GgufTensor>): WeightKind {
  const groups = tensors.get('model.layers.0.self_attn.q_proj.weight')?.groups?.() ?? null;
  if (groups === null) return 'f16';
  return groups.bits === 4 ? 'int4' : 'int8';
}
