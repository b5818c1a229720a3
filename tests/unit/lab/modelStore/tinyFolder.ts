import { joined } from '../../../../src/engine/pieces.ts';
import { writeSafetensors } from '../../../../src/engine/safetensors.ts';
import type { Tensor } from '../../../../src/engine/tensors.ts';
import { ggufModel } from '../../../../src/lab/ggufModel.ts';
import { modelFiles } from '../../../../src/lab/modelFiles.ts';
import { openBackend } from '../../engine/openBackend.ts';
import { tinyConfig, tinyDecoder, tokenizer, tokenizerJson } from '../tinyPolicy.ts';

export const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A small random model as a folder, in two shards and as one file, and as GGUF. */
export async function tinyFolders(): Promise<{
  readonly folder: ReadonlyMap<string, Uint8Array>;
  readonly sharded: ReadonlyMap<string, Uint8Array>;
  readonly gguf: Uint8Array;
}> {
  const backend = await openBackend();
  try {
    const decoder = tinyDecoder(backend);
    const folder = await modelFiles(decoder, tokenizerJson, tokenizer);
    const tensors = await decoder.parameters.toTensors();
    const shards = [new Map<string, Tensor>(), new Map<string, Tensor>()];
    const weight_map: Record<string, string> = {};
    [...tensors].forEach(([name, tensor], i) => {
      shards[i % 2]?.set(name, tensor);
      weight_map[name] = `model-0000${(i % 2) + 1}-of-00002.safetensors`;
    });
    const sharded = new Map(folder);
    sharded.delete('model.safetensors');
    sharded.set('model.safetensors.index.json', jsonBytes({ metadata: {}, weight_map }));
    shards.forEach((shard, i) => {
      sharded.set(`model-0000${i + 1}-of-00002.safetensors`, writeSafetensors(shard, 'F16'));
    });
    const named = { json: tokenizerJson, eosId: tokenizer.eosId };
    const gguf = joined(ggufModel({ name: 'tiny', config: tinyConfig, tensors, tokenizer: named }, 'f16'));
    return { folder, sharded, gguf };
  } finally {
    backend.dispose();
  }
}
