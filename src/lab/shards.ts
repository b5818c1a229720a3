/** Weights of a Hugging Face folder that lie in one file or in several. */
import { z } from 'zod';
import { EngineError } from '../engine/backend.ts';
import { byteSource, type ByteSource } from '../engine/byteSource.ts';
import { readSafetensors } from '../engine/safetensors.ts';
import type { NamedTensors, Tensor } from '../engine/tensors.ts';

/** Opens one file: all its bytes, or a source to read tensors from one by one. Rejects, naming it, when it cannot. */
export type FileOpener = (name: string) => Promise<Uint8Array | ByteSource>;

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * The tensors of `file` or, where there is no such file but `<file>.index.json` beside it, of the shards that it names.
 * @throws EngineError where a shard lacks a tensor that the index places there
 */
export async function readWeights(open: FileOpener, file: string): Promise<NamedTensors> {
  const indexName = `${file}.index.json`;
  let bytes: Uint8Array | ByteSource;
  try {
    bytes = await open(file);
  } catch (error) {
    const index = await open(indexName).catch(() => {
      // What is wanted in nearly all folders is the one file: its absence is what to tell.
      throw error;
    });
    return readShards(open, parseIndex(index, indexName), indexName);
  }
  return readSafetensors(bytes, file).tensors;
}

function parseIndex(bytes: Uint8Array | ByteSource, name: string): ReadonlyMap<string, string> {
  let json: unknown;
  const source = byteSource(bytes);
  try {
    json = JSON.parse(new TextDecoder().decode(source.read(0, source.size)));
  } catch {
    throw new EngineError(`${name} is not JSON. Give the file as published, unchanged.`);
  }
  const parsed = indexSchema.safeParse(json);
  if (!parsed.success)
    throw new EngineError(`${name}: "weight_map" must name a file for each tensor. Download it again.`);
  return new Map(Object.entries(parsed.data.weight_map));
}

async function readShards(
  open: FileOpener,
  places: ReadonlyMap<string, string>,
  indexName: string,
): Promise<NamedTensors> {
  const tensors = new Map<string, Tensor>();
  for (const shard of new Set(places.values())) {
    const found = readSafetensors(await open(shard), shard).tensors;
    for (const [name, place] of places) {
      if (place !== shard) continue;
      const tensor = found.get(name);
      if (tensor === undefined) {
        throw new EngineError(
          `${shard} lacks ${name}, which ${indexName} places there. Download both from one revision of the model.`,
        );
      }
      tensors.set(name, tensor);
    }
  }
  return tensors;
}
