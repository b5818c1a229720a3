import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { loraTensors } from '../../../src/engine/lora.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { writeSafetensors } from '../../../src/engine/safetensors.ts';
import { adapterFiles, mergedTensors } from '../../../src/lab/peftAdapter.ts';
import { openPolicy } from '../../../src/cli/models.ts';
import { openBackend } from '../engine/openBackend.ts';
import { floatsOf, readGguf } from '../engine/readGguf.ts';
import { priorFile } from '../lab/nodeSurroundings.ts';
import { tinyConfig, tinyDecoder, tokenizer, tokenizerJson, weightsOf } from '../lab/tinyPolicy.ts';
import { Desk, main } from './terminal.ts';

let desk: Desk;
let backend: Backend;
let trained: Float32Array;
beforeAll(async () => {
  backend = await openBackend();
  const other = tinyDecoder(backend, 8);
  trained = await weightsOf(other);
  const config = (changes: object): Uint8Array => new TextEncoder().encode(JSON.stringify(changes));
  desk = await Desk.open({
    grown: {
      'prior.json': priorFile('trained.safetensors'),
      'trained.safetensors': writeSafetensors(await other.parameters.toTensors(), 'F32'),
    },
    'with-normalizer': {
      'tokenizer.json': config({
        ...tokenizerJson,
        normalizer: { type: 'NFC' },
      }),
    },
  });
});
afterAll(async () => {
  backend.dispose();
  await desk.remove();
});

const exported = async (model: string, ...options: readonly string[]): Promise<string> => {
  const out = join(desk.root, `export-${options.join('-').replaceAll('/', '_')}`);
  const { code, stderr } = await main(
    'export',
    '--model',
    model,
    ...options,
    '--out',
    out,
    '--json',
    `${out}.json`,
  );
  expect(code, stderr).toBe(0);
  return out;
};

describe('export as a Hugging Face folder', () => {
  it('opens again with the trained weights and the same tokens', async () => {
    const folder = await exported(desk.modelNamed('grown'), '--dtype', 'f32');
    const copy = await openPolicy(backend, folder, 'base');
    expect(await weightsOf(copy.decoder)).toEqual(trained);
    expect(copy.decoder.config).toEqual(tinyConfig);
    const text = '<|user|> Who wrote Cholwis?<|assistant|><think>';
    expect(copy.tokenizer.encode(text)).toEqual(tokenizer.encode(text));
    expect(JSON.parse(await readFile(`${folder}.json`, 'utf8'))).toMatchObject({
      format: 'hf',
      dtype: 'f32',
    });
  });

  it('names the type of its numbers, and takes half the room with 16 bits', async () => {
    const wide = await exported(desk.model, '--policy', 'base', '--dtype', 'f32');
    const narrow = await exported(desk.model, '--policy', 'base');
    const json: unknown = JSON.parse(await readFile(join(narrow, 'config.json'), 'utf8'));
    expect(json).toMatchObject({ model_type: 'qwen3', torch_dtype: 'float16' });
    const size = async (folder: string): Promise<number> =>
      (await stat(join(folder, 'model.safetensors'))).size;
    expect(await size(narrow)).toBeLessThan(0.7 * (await size(wide)));
  });
});

describe('export as GGUF', () => {
  it('holds the model as llama.cpp names it', async () => {
    const bytes = new Uint8Array(
      await readFile(await exported(desk.modelNamed('grown'), '--format', 'gguf', '--dtype', 'f32')),
    );
    const { metadata, tensors } = readGguf(bytes);
    expect(Object.fromEntries(metadata)).toMatchObject({
      'general.architecture': 'qwen3',
      'general.name': 'grown trained',
      'qwen3.block_count': 1,
      'qwen3.attention.head_count_kv': 1,
      'qwen3.attention.key_length': 8,
      'tokenizer.ggml.pre': 'gpt-2',
      'tokenizer.ggml.eos_token_id': tokenizer.eosId,
    });
    const tokens = metadata.get('tokenizer.ggml.tokens');
    expect(tokens).toHaveLength(tinyConfig.vocabSize);
    expect(tokens).toHaveProperty(String(tokenizer.idOf('<search>')), '<search>');
    const ends = metadata.get('tokenizer.ggml.token_type');
    expect(ends).toHaveProperty(String(tokenizer.eosId), 3);

    // Embedding, final norm, eleven of the layer; the head is tied.
    expect(tensors.size).toBe(13);
    const q = tensors.get('blk.0.attn_q.weight');
    if (!q) throw new Error('no attn_q');
    expect(q.dimensions).toEqual([16, 16]);
    const { decoder } = await openPolicy(backend, desk.modelNamed('grown'), 'trained');
    const held = (await decoder.parameters.toTensors()).get('model.layers.0.self_attn.q_proj.weight');
    expect(floatsOf(bytes, q)).toEqual([...(held?.values() ?? [])]);
  });

  it('refuses a tokenizer whose words llama.cpp would cut otherwise', async () => {
    const model = desk.modelNamed('with-normalizer');
    const out = join(desk.root, 'never.gguf');
    expect(await desk.refused('export', '--model', model, '--format', 'gguf', '--out', out)).toMatch(
      /^export: tokenizer\.json: pre_tokenizer: .*as hf/,
    );
  });
});

describe('export of an adapter', () => {
  const options = { rank: 2, alpha: 6, targets: ['q_proj', 'down_proj'] };

  async function adapter(): Promise<{ folder: string; factors: Parameters }> {
    const folder = join(desk.root, 'adapter');
    const factors = new Parameters(backend, loraTensors(tinyConfig, options));
    backend.write(
      factors.flat,
      Float32Array.from({ length: factors.size }, (_, i) => Math.sin(i) / 4),
    );
    const tensors = await factors.toTensors();
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of adapterFiles(tinyConfig, { options, tensors }, 'tiny')) {
      await writeFile(join(folder, name), bytes);
    }
    return { folder, factors };
  }

  it('works it into the base', async () => {
    const { folder, factors } = await adapter();
    const merged = await exported(desk.model, '--adapter', folder, '--dtype', 'f32');
    const { decoder } = await openPolicy(backend, merged, 'base');
    const base = await openPolicy(backend, desk.model, 'base');
    const held = { options, tensors: await factors.toTensors() };
    const wanted = mergedTensors(await base.decoder.parameters.toTensors(), tinyConfig, held);
    const found = await decoder.parameters.toTensors();
    for (const [name, tensor] of found) expect(tensor.values(), name).toEqual(wanted.get(name)?.values());
    factors.dispose();
  });

  it('refuses one of another model, and leaves nothing there', async () => {
    const { folder, factors } = await adapter();
    factors.dispose();
    await writeFile(
      join(folder, 'adapter_config.json'),
      JSON.stringify({ peft_type: 'LORA', r: 3, lora_alpha: 6, target_modules: options.targets }),
    );
    const out = join(desk.root, 'never-merged');
    expect(await desk.refused('export', '--model', desk.model, '--adapter', folder, '--out', out)).toMatch(
      /^export: adapter_model\.safetensors: \S+lora_A\.weight is \[2, 16\], the model needs \[3, 16\]\./,
    );
    await expect(stat(out)).rejects.toThrow('ENOENT');
  });
});

describe('export refuses', () => {
  const refused = (...args: readonly string[]): Promise<string> =>
    desk.refused('export', '--model', desk.model, ...args);

  it('to guess where to write', async () => {
    expect(await refused()).toMatch(/^export: --out PATH: name the folder/);
  });

  it('a format and a dtype that there are not', async () => {
    expect(await refused('--format', 'onnx')).toBe('export: --format onnx: choose hf or gguf\n');
    expect(await refused('--dtype', 'q4_0')).toBe('export: --dtype q4_0: choose keep or f16 or f32\n');
  });

  it('trained weights that there are not', async () => {
    expect(await refused('--policy', 'trained', '--out', join(desk.root, 'never'))).toMatch(
      /^export: --policy trained: \S*prior\.json names no trained checkpoint/,
    );
  });
});
