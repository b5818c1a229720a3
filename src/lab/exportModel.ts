/** A model, or one with an adapter worked in, as files for other programs; written piece by piece. */
import { z } from 'zod';
import { EngineError } from '../engine/backend.ts';
import { decoderConfigJson, type DecoderConfig } from '../engine/config.ts';
import { decoderTensors, isRedundantTensor } from '../engine/decoderTensors.ts';
import { whole, type Pieces } from '../engine/pieces.ts';
import { plainBytes, type PlainType } from '../engine/plainNumbers.ts';
import { safetensorsPieces } from '../engine/safetensors.ts';
import { sizeOf, type NamedTensors, type Tensor } from '../engine/tensors.ts';
import { ggufModel } from './ggufModel.ts';
import type { ModelParts } from './modelFiles.ts';
import { plainTypeOf, type Numbers } from './numbersKept.ts';
import { mergedTensors, type Adapter } from './peftAdapter.ts';

export interface ExportFile extends Pieces {
  readonly name: string;
}

export const exportFormats = ['hf', 'gguf'] as const;

export interface ExportOptions {
  /** A Hugging Face folder, or one file for llama.cpp. */
  readonly format: (typeof exportFormats)[number];
  readonly numbers: Numbers;
  /** Names the file and the model in it, where it is one file. */
  readonly name: string;
  /** Most bytes of a file of weights in a folder; a tensor that is larger has a file of its own. */
  readonly shardBytes: number;
}

/** As transformers shards by default. */
export const SHARD_BYTES = 5e9;

/** Files of a folder that are taken over as they are, where they are there. */
const TAKEN_OVER = [
  'chat_template.jinja',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
];

/**
 * @param weights of the base
 * @param adapter to be worked into them
 * @throws EngineError where the weights are not those of the configuration, or the format cannot hold the model
 */
export async function exportModel(
  parts: ModelParts,
  weights: NamedTensors,
  adapter: Adapter | undefined,
  options: ExportOptions,
): Promise<readonly ExportFile[]> {
  const { config } = parts;
  const base = fitting(weights, config, parts.file);
  const tensors = adapter === undefined ? base : mergedTensors(base, config, adapter);
  if (options.format === 'hf') return folder(parts, tensors, options);
  const { tokenizer, tokenizerJson } = parts;
  const { chatTemplate, eosId } = tokenizer;
  const bosId = tokenizer.bosToken === undefined ? undefined : tokenizer.idOf(tokenizer.bosToken);
  const model = {
    name: options.name,
    config,
    tensors,
    tokenizer: {
      json: tokenizerJson,
      eosId,
      ...(bosId === undefined ? {} : { bosId }),
      ...(chatTemplate === undefined ? {} : { chatTemplate }),
    },
  };
  return [{ name: `${options.name}.gguf`, ...ggufModel(model, options.numbers) }];
}

/** What a decoder has, in its order; what does no harm is left out. */
function fitting(weights: NamedTensors, config: DecoderConfig, file: string): NamedTensors {
  const found = new Map<string, Tensor>();
  for (const { name, shape } of decoderTensors(config)) {
    const tensor = weights.get(name);
    if (tensor?.shape.join() !== shape.join()) {
      throw new EngineError(
        `${file}: ${name} is ${tensor === undefined ? 'missing' : `[${tensor.shape.join(', ')}]`}, the configuration needs [${shape.join(', ')}]. Use the config.json that belongs to the weights.`,
      );
    }
    found.set(name, tensor);
  }
  const extra = [...weights.keys()].find((name) => !found.has(name) && !isRedundantTensor(config, name));
  if (extra === undefined) return found;
  throw new EngineError(
    `${file}: the configuration does not speak of ${extra}. Use the config.json that belongs to the weights.`,
  );
}

async function folder(
  parts: ModelParts,
  tensors: NamedTensors,
  { numbers, shardBytes }: ExportOptions,
): Promise<readonly ExportFile[]> {
  const types = new Map([...tensors].map(([name, tensor]) => [name, plainTypeOf(tensor, numbers)]));
  const typeOf = (name: string): PlainType => types.get(name) ?? 'F32';
  const files = new Map<string, Uint8Array>();
  const { tokenizer, folder: given } = parts;
  files.set('config.json', json(await configJson(parts, dtypeOf(types))));
  files.set(
    'generation_config.json',
    (await given?.optional('generation_config.json')) ??
      json({ eos_token_id: tokenizer.eosId, do_sample: true, temperature: 1 }),
  );
  files.set('tokenizer.json', (await given?.read('tokenizer.json')) ?? json(parts.tokenizerJson));
  files.set(
    'tokenizer_config.json',
    (await given?.read('tokenizer_config.json')) ??
      json({ tokenizer_class: 'PreTrainedTokenizerFast', ...parts.tokenizerConfig }),
  );
  for (const name of TAKEN_OVER) {
    const bytes = await given?.optional(name);
    if (bytes !== undefined) files.set(name, bytes);
  }
  const small = [...files].map(([name, bytes]) => ({ name, ...whole(bytes) }));
  return [...small, ...weightFiles(tensors, typeOf, shardBytes)];
}

/** config.json as published, but for the type of the numbers; written anew for a GGUF file. */
async function configJson(
  { folder: given, config, tokenizer }: ModelParts,
  dtype: string,
): Promise<Record<string, unknown>> {
  if (given === undefined) {
    const { bosToken, eosId } = tokenizer;
    const bos_token_id = bosToken === undefined ? null : (tokenizer.idOf(bosToken) ?? null);
    return decoderConfigJson(config, { bos_token_id, eos_token_id: eosId, torch_dtype: dtype });
  }
  const text = new TextDecoder().decode(await given.read('config.json'));
  const published = z.looseObject({}).parse(JSON.parse(text) as unknown);
  // Newer folders name it dtype.
  return { ...published, [Object.hasOwn(published, 'dtype') ? 'dtype' : 'torch_dtype']: dtype };
}

/** PyTorch's name of the numbers that the first matrix has. */
function dtypeOf(types: ReadonlyMap<string, PlainType>): string {
  const [first = 'F32'] = types.values();
  return { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[first];
}

/** model.safetensors, or its shards and their index. */
function weightFiles(
  tensors: NamedTensors,
  typeOf: (name: string) => PlainType,
  shardBytes: number,
): readonly ExportFile[] {
  const shards: Map<string, Tensor>[] = [];
  let last = Infinity;
  let total = 0;
  for (const [name, tensor] of tensors) {
    const bytes = sizeOf(tensor.shape) * plainBytes[typeOf(name)];
    if (last + bytes > shardBytes) {
      shards.push(new Map());
      last = 0;
    }
    shards.at(-1)?.set(name, tensor);
    last += bytes;
    total += bytes;
  }
  const metadata = { format: 'pt' };
  if (shards.length <= 1) {
    return [{ name: 'model.safetensors', ...safetensorsPieces(tensors, typeOf, metadata) }];
  }
  const five = (n: number): string => String(n).padStart(5, '0');
  const nameOf = (i: number): string => `model-${five(i + 1)}-of-${five(shards.length)}.safetensors`;
  const weight_map = Object.fromEntries(
    shards.flatMap((shard, i) => [...shard.keys()].map((name) => [name, nameOf(i)])),
  );
  return [
    {
      name: 'model.safetensors.index.json',
      ...whole(json({ metadata: { total_size: total }, weight_map })),
    },
    ...shards.map((shard, i) => ({ name: nameOf(i), ...safetensorsPieces(shard, typeOf, metadata) })),
  ];
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
