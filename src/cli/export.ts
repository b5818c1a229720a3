import { basename, join } from 'node:path';
import { z } from 'zod';
import { writeSafetensors } from '../engine/safetensors.ts';
import { nodeHost } from '../engine/wasm/nodeHost.ts';
import { createWasmBackend } from '../engine/wasm/wasmBackend.ts';
import { ggufModel } from '../lab/ggufModel.ts';
import type { FileReader } from '../lab/modelFiles.ts';
import { parseTokenizerJson } from '../text/tokenizerJson.ts';
import { Args, UsageError, type Option } from './args.ts';
import { folderReader, openPolicy } from './models.ts';
import { say, version, writeJson, writeOut } from './output.ts';

export const exportOptions: Readonly<Record<string, Option>> = {
  model: { value: 'DIR', help: 'folder of the base policy (default public/models/nano)' },
  policy: { value: 'base|trained|FILE', help: 'which weights (default the trained checkpoint)' },
  format: { value: 'hf|gguf', help: 'a Hugging Face folder (default), or a file for llama.cpp' },
  dtype: { value: 'f16|f32', help: 'numbers of the weights (default f16, as shipped)' },
  out: { value: 'PATH', help: 'folder (hf) or file (gguf) to write' },
  json: { value: 'FILE', help: 'write what was exported, and where to' },
};

type Files = ReadonlyMap<string, Uint8Array>;

/** Writes a policy for other programs: transformers opens the folder, llama.cpp the GGUF file. */
export async function runExport(argv: readonly string[]): Promise<void> {
  const args = new Args(argv, exportOptions);
  const folder = args.text('model') ?? 'public/models/nano';
  const format = choice(args, 'format', ['hf', 'gguf']);
  const dtype = choice(args, 'dtype', ['f16', 'f32']);
  const out = args.text('out');
  if (out === undefined) {
    throw new UsageError(`--out PATH: name the ${format === 'hf' ? 'folder' : 'file'} to write`);
  }
  // The engine holds the weights so that they are checked against the configuration as everywhere else.
  const backend = await createWasmBackend({ host: nodeHost, threads: 1 });
  const policy = await openPolicy(backend, folder, args.text('policy'));
  const { decoder, tokenizer } = policy;
  const tensors = await decoder.parameters.toTensors();
  const parameters = decoder.parameters.count;
  backend.dispose();

  const read = folderReader(folder);
  const upper = dtype === 'f16' ? 'F16' : 'F32';
  let files: Files;
  if (format === 'hf') {
    const weights = writeSafetensors(tensors, upper, { format: 'pt' });
    files = await huggingFaceFiles(read, weights, dtype, tokenizer.eosId);
  } else {
    const { chatTemplate, eosId } = tokenizer;
    const model = {
      name: `${basename(folder)} ${basename(policy.name, '.safetensors')}`,
      config: decoder.config,
      tensors,
      tokenizerJson: parseTokenizerJson(await jsonOf(read, 'tokenizer.json')),
      eosId,
      ...(chatTemplate === undefined ? {} : { chatTemplate }),
    };
    files = new Map([['', ggufModel(model, upper)]]);
  }
  const written: { path: string; bytes: number }[] = [];
  for (const [name, bytes] of files) {
    const path = join(out, name);
    await writeOut(path, bytes);
    written.push({ path, bytes: bytes.length });
  }
  for (const { path, bytes } of written) say(`${path}: ${bytes} bytes`);
  await writeJson(args.text('json'), {
    model: folder,
    policy: policy.name,
    format,
    dtype,
    parameters,
    version: await version(),
    files: written,
  });
}

function choice<T extends string>(args: Args, name: string, allowed: readonly [T, ...T[]]): T {
  const value = args.text(name) ?? allowed[0];
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`--${name} ${value}: choose ${allowed.join(' or ')}`);
  return found;
}

async function jsonOf(read: FileReader, name: string): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await read(name))) as unknown;
}

const textOf = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);

/** The folder as it is, with these weights, and with their type in config.json. */
async function huggingFaceFiles(
  read: FileReader,
  weights: Uint8Array,
  dtype: 'f16' | 'f32',
  eosId: number,
): Promise<Files> {
  const config = z.looseObject({}).parse(await jsonOf(read, 'config.json'));
  return new Map([
    ['config.json', textOf({ ...config, torch_dtype: dtype === 'f16' ? 'float16' : 'float32' })],
    ['generation_config.json', textOf({ eos_token_id: eosId, do_sample: true, temperature: 1 })],
    ['tokenizer.json', await read('tokenizer.json')],
    ['tokenizer_config.json', await read('tokenizer_config.json')],
    ['model.safetensors', weights],
  ]);
}
