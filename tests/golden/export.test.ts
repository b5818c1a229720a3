/** Exported models: merged weights against PEFT's, and files that are read back, here and as the gguf package wrote them. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDecoderConfig } from '../../src/engine/config.ts';
import { readGguf } from '../../src/engine/ggufFile.ts';
import { joined } from '../../src/engine/pieces.ts';
import { readSafetensors } from '../../src/engine/safetensors.ts';
import { exportModel, type ExportOptions } from '../../src/lab/exportModel.ts';
import { ggufConfig } from '../../src/lab/ggufConfig.ts';
import { ggufWeights } from '../../src/lab/ggufWeights.ts';
import type { ModelParts } from '../../src/lab/modelFiles.ts';
import { readAdapter } from '../../src/lab/peftAdapter.ts';
import { readModel } from '../../src/lab/readModel.ts';
import { readWeights } from '../../src/lab/shards.ts';
import { HfTokenizer } from '../../src/text/hfTokenizer.ts';
import { parseTokenizerConfig, parseTokenizerJson } from '../../src/text/tokenizerJson.ts';
import { loraModels } from './loraCheck.ts';

const data = (path: string): Promise<Uint8Array> =>
  readFile(fileURLToPath(new URL(`./data/${path}`, import.meta.url)));

// The models of makeHf.py have no tokenizer, and fewer rows than there are characters of ASCII, which each one needs.
// What is written of it here goes beyond them.
const characters = ['Ġ', ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))];
const idOf = (character: string): number => characters.indexOf(character);
const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
const tokenizerJson = parseTokenizerJson({
  added_tokens: [{ id: 96, content: '<|im_end|>', special: true }],
  pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, bytes] },
  normalizer: null,
  post_processor: null,
  decoder: bytes,
  model: {
    type: 'BPE',
    vocab: Object.fromEntries([...characters, 'ab'].map((token, id) => [token, id])),
    merges: ['a b'],
  },
});
const tokenizerConfig = parseTokenizerConfig({ eos_token: '<|im_end|>', chat_template: '{{ messages }}' });

async function opened(model: string) {
  const read = (name: string): Promise<Uint8Array> => {
    if (name === 'tokenizer.json') return Promise.resolve(encoded(tokenizerJson));
    if (name === 'tokenizer_config.json') return Promise.resolve(encoded(tokenizerConfig));
    return data(`hf/${model}/${name}`);
  };
  const config = parseDecoderConfig(JSON.parse(new TextDecoder().decode(await read('config.json'))), model);
  const weights = await readWeights(read, 'model.safetensors');
  const parts: ModelParts = {
    config,
    file: 'model.safetensors',
    tokenizer: new HfTokenizer(tokenizerJson, tokenizerConfig),
    tokenizerJson,
    tokenizerConfig,
    kept: 'f16',
    weights: () => Promise.resolve(weights),
    folder: { read, optional: () => Promise.resolve(undefined) },
  };
  const adapter = await readAdapter(config, (name) => read(`adapter/${name}`));
  const { tensors: merged } = readSafetensors(await read('merged.safetensors'), 'merged');
  const exported = async (options: Partial<ExportOptions>, plain = false) => {
    const all = { format: 'hf', numbers: 'keep', name: model, shardBytes: 5e9, ...options } as const;
    const files = await exportModel(parts, weights, plain ? undefined : adapter, all);
    return new Map(files.map((file) => [file.name, joined(file)]));
  };
  return { config, weights, merged, exported };
}

const encoded = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const opener = (files: ReadonlyMap<string, Uint8Array>) => (name: string) => {
  const file = files.get(name);
  return file === undefined ? Promise.reject(new Error(`no ${name}`)) : Promise.resolve(file);
};

/** Of the larger number's size: one step of its type, for sums of another order may round to its neighbour. */
const STEP = { F32: 2 ** -22, F16: 2 ** -10, BF16: 2 ** -7 } as const;

/** Below it halves lie no closer. */
const SMALLEST = 2 ** -14;

function expectNear(name: string, found: Float32Array, wanted: Float32Array, dtype: keyof typeof STEP): void {
  expect(found.length, name).toBe(wanted.length);
  const most = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  found.forEach((value, i) => {
    const other = wanted[i] ?? NaN;
    // What is left where large parts cancel is no more exact than they were.
    const size = Math.max(Math.abs(value), Math.abs(other), dtype === 'F32' ? most : SMALLEST);
    const room = STEP[dtype] * size;
    expect(Math.abs(value - other), `${name}[${String(i)}]`).toBeLessThanOrEqual(room);
  });
}

const dtypeOf = (tensor: object | undefined): keyof typeof STEP => {
  const dtype = tensor !== undefined && 'dtype' in tensor ? tensor.dtype : undefined;
  if (dtype === 'F32' || dtype === 'F16' || dtype === 'BF16') return dtype;
  throw new Error(`no dtype: ${String(dtype)}`);
};

describe.each(loraModels)('%s', (model) => {
  it('as a folder has PEFT’s merged weights, in the numbers of the base', async () => {
    const { weights, merged, exported } = await opened(model);
    const files = await exported({});
    const found = await readWeights(opener(files), 'model.safetensors');
    expect([...found.keys()].sort()).toEqual([...weights.keys()].sort());
    expect(merged.size).toBeGreaterThan(3);
    for (const [name, tensor] of found) {
      const dtype = dtypeOf(weights.get(name));
      expect(dtypeOf(tensor), name).toBe(dtype);
      const wanted = merged.get(name);
      if (wanted === undefined) expect(tensor.values(), name).toEqual(weights.get(name)?.values());
      else expectNear(name, tensor.values(), wanted.values(), dtype);
    }
    const config: unknown = JSON.parse(new TextDecoder().decode(files.get('config.json')));
    const type = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[dtypeOf(found.get('model.norm.weight'))];
    expect(config).toMatchObject({ dtype: type });
  });

  it('as GGUF reads back to the same weights, configuration and tokens', async () => {
    const { config, exported } = await opened(model);
    const folder = await readWeights(opener(await exported({ numbers: 'f32' })), 'model.safetensors');
    const [file] = (await exported({ format: 'gguf', numbers: 'f32' })).values();
    const parts = await readModel({ kind: 'gguf', file: 'x.gguf', read: () => Promise.resolve(file ?? new Uint8Array()) });
    expect(parts.config).toEqual({ ...config, normEps: Math.fround(config.normEps) });
    expect(parts.tokenizer.encode('abba<|im_end|>')).toEqual([95, idOf('b'), idOf('a'), 96]);
    expect(parts.tokenizer.eosId).toBe(96);
    expect(parts.tokenizer.chatTemplate).toBe('{{ messages }}');
    const found = await parts.weights();
    expect([...found.keys()].sort()).toEqual([...folder.keys()].sort());
    for (const [name, tensor] of folder) expect(found.get(name)?.values(), name).toEqual(tensor.values());
  });
});

describe('an exported GGUF file', () => {
  it('lies as the gguf package lays the same model out', async () => {
    const { exported } = await opened('llama-f32');
    const [file] = (await exported({ format: 'gguf' }, true)).values();
    const ours = readGguf(file ?? new Uint8Array(), 'ours');
    const theirs = readGguf(await data('gguf/llama.gguf'), 'theirs');
    expect([...ours.tensors.keys()].sort()).toEqual([...theirs.tensors.keys()].sort());
    for (const [name, tensor] of theirs.tensors) {
      const { shape, type } = tensor;
      expect(ours.tensors.get(name), name).toMatchObject({ shape, type });
      // Llama 3's factors are quotients in double precision here.
      if (name === 'rope_freqs.weight') expectNear(name, tensor.values(), ours.tensors.get(name)?.values() ?? new Float32Array(0), 'F32');
      else expect(ours.tensors.get(name)?.bytes(), name).toEqual(Uint8Array.from(tensor.bytes()));
    }
    for (const [key, value] of theirs.metadata) {
      if (key.startsWith('llama.')) expect(ours.metadata.get(key), key).toEqual(value);
    }
  });

  it('of a GGUF file keeps its bytes, but for what an adapter touches', async () => {
    const { config, exported } = await opened('llama-f16');
    const [file] = (await exported({ format: 'gguf' }, true)).values();
    const gguf = readGguf(file ?? new Uint8Array(), 'base');
    const parts = await partsOf(file ?? new Uint8Array());
    const adapter = await readAdapter(config, (name) => data(`hf/llama-f16/adapter/${name}`));
    const options = { format: 'gguf', numbers: 'keep', name: 'again', shardBytes: 1e9 } as const;
    const [again] = await exportModel(parts, ggufWeights(gguf, config, 'base'), adapter, options);
    const found = readGguf(again === undefined ? new Uint8Array() : joined(again), 'again');
    expect(ggufConfig(found, 'again')).toEqual(ggufConfig(gguf, 'base'));
    for (const [name, tensor] of gguf.tensors) {
      const touched = /attn_[qv]\.weight$/.test(name);
      expect(found.tensors.get(name)?.type, name).toBe(tensor.type);
      if (touched) expect(found.tensors.get(name)?.bytes(), name).not.toEqual(tensor.bytes());
      else expect(found.tensors.get(name)?.bytes(), name).toEqual(tensor.bytes());
    }
  });
});

const partsOf = (file: Uint8Array): Promise<ModelParts> =>
  readModel({ kind: 'gguf', file: 'x.gguf', read: () => Promise.resolve(file) });

describe('a folder over the limit', () => {
  it('is split at it, and read back whole', async () => {
    const { weights, exported } = await opened('qwen2-bf16');
    const files = await exported({ shardBytes: 12_000 });
    const shards = [...files].filter(([name]) => /^model-\d{5}-of-0000\d\.safetensors$/.test(name));
    expect(shards.length).toBeGreaterThan(1);
    for (const [name, bytes] of shards) {
      const { tensors } = readSafetensors(bytes, name);
      const sum = [...tensors.values()].reduce((total, tensor) => total + 2 * tensor.values().length, 0);
      expect(sum <= 12_000 || tensors.size === 1, name).toBe(true);
    }
    expect([...(await readWeights(opener(files), 'model.safetensors')).keys()].sort()).toEqual(
      [...weights.keys()].sort(),
    );
  });

  it('refuses weights of another configuration, by name', async () => {
    const { config, weights } = await opened('llama-f16');
    const parts = await partsOfFolder('llama-f16');
    const options = { format: 'hf', numbers: 'keep', name: 'x', shardBytes: 1e9 } as const;
    const deeper = { ...parts, config: { ...config, layers: 3 } };
    await expect(exportModel(deeper, weights, undefined, options)).rejects.toThrow(
      /model\.safetensors: model\.layers\.2\.\S+ is missing, the configuration needs/,
    );
    const flatter = { ...parts, config: { ...config, layers: 1 } };
    await expect(exportModel(flatter, weights, undefined, options)).rejects.toThrow(
      /does not speak of model\.layers\.1\./,
    );
  });
});

async function partsOfFolder(model: string): Promise<ModelParts> {
  const { exported } = await opened(model);
  const [file] = (await exported({ format: 'gguf' }, true)).values();
  return { ...(await partsOf(file ?? new Uint8Array())), file: 'model.safetensors' };
}
