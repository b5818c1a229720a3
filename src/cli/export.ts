import { basename, dirname, join } from 'node:path';
import type { NamedTensors } from '../engine/tensors.ts';
import { exportFormats, exportModel, SHARD_BYTES, type ExportFile } from '../lab/exportModel.ts';
import type { ModelParts } from '../lab/modelFiles.ts';
import { numberKinds } from '../lab/numbersKept.ts';
import { readAdapter } from '../lab/peftAdapter.ts';
import { readWeights } from '../lab/shards.ts';
import { isNano } from '../lab/training.ts';
import { Args, UsageError, type Option } from './args.ts';
import { folderOpener, folderReader, readModelAt, trainedFile } from './models.ts';
import { say, version, writeJson, writePieces } from './output.ts';

export const exportOptions: Readonly<Record<string, Option>> = {
  model: { value: 'PATH', help: 'folder or GGUF file of the base (default public/models/nano)' },
  adapter: { value: 'DIR', help: 'work this LoRA adapter into the base, as PEFT saves it' },
  policy: {
    value: 'base|trained|FILE',
    help: 'which weights (default the trained checkpoint where there is one and no adapter)',
  },
  format: { value: 'hf|gguf', help: 'a Hugging Face folder (default), or a file for llama.cpp' },
  dtype: {
    value: 'keep|f16|f32',
    help: 'numbers of the weights (default keep: as in their file; those of a GGUF file stay as they are in gguf but for merged ones, and become f16 in hf)',
  },
  shard: { value: 'MB', help: 'most megabytes of a file of weights in a folder (default 5000)' },
  out: { value: 'PATH', help: 'folder (hf) or file (gguf) to write' },
  json: { value: 'FILE', help: 'write what was exported, and where to' },
};

/** Writes a policy for other programs: transformers opens the folder, llama.cpp the GGUF file. Tensor by tensor. */
export async function runExport(argv: readonly string[]): Promise<void> {
  const args = new Args(argv, exportOptions);
  const model = args.text('model') ?? 'public/models/nano';
  const format = choice(args, 'format', exportFormats);
  const dtype = choice(args, 'dtype', numberKinds);
  const shard = args.whole('shard', 1);
  const out = args.text('out');
  if (out === undefined) {
    throw new UsageError(`--out PATH: name the ${format === 'hf' ? 'folder' : 'file'} to write`);
  }
  const parts = await readModelAt(model);
  const folder = args.text('adapter');
  const adapter = folder === undefined ? undefined : await readAdapter(parts.config, folderReader(folder));
  const policy = await weightsOf(
    model,
    parts,
    args.text('policy') ?? (adapter === undefined ? undefined : 'base'),
  );
  const files = await exportModel({ ...parts, file: policy.file }, policy.weights, adapter, {
    format,
    numbers: dtype,
    name: `${basename(model, '.gguf')} ${basename(folder ?? policy.name, '.safetensors')}`,
    shardBytes: shard === undefined ? SHARD_BYTES : shard * 1e6,
  });
  const written: { path: string; bytes: number }[] = [];
  for (const file of files) {
    const path = format === 'hf' ? join(out, file.name) : out;
    await write(path, file);
    written.push({ path, bytes: file.size });
  }
  await writeJson(args.text('json'), {
    model,
    policy: policy.name,
    ...(folder === undefined ? {} : { adapter: folder }),
    format,
    dtype,
    version: await version(),
    files: written,
  });
}

/** Tells how far a long write has come, a tenth at a time. */
async function write(path: string, file: ExportFile): Promise<void> {
  let told = 0;
  await writePieces(path, file, (at) => {
    const tenths = Math.floor((10 * at) / file.size);
    if (tenths > told && tenths < 10 && file.size > 1e8) say(`${path}: ${String(10 * tenths)} %`);
    told = tenths;
  });
  say(`${path}: ${String(file.size)} bytes`);
}

function choice<T extends string>(args: Args, name: string, allowed: readonly [T, ...T[]]): T {
  const value = args.text(name) ?? allowed[0];
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} ${value}: choose ${allowed.join(' or ')}`);
}

/** The weights asked for: the base's, or those of a checkpoint. */
async function weightsOf(
  model: string,
  parts: ModelParts,
  wanted: string | undefined,
): Promise<{ readonly name: string; readonly file: string; readonly weights: NamedTensors }> {
  const unsaid = wanted === undefined || wanted === 'trained';
  const trained = unsaid && isNano(parts) ? await trainedFile(model) : undefined;
  if (wanted === 'trained' && trained === undefined) {
    throw new UsageError(
      isNano(parts)
        ? `--policy trained: ${join(model, 'prior.json')} names no trained checkpoint`
        : '--policy trained: only the policies trained here come with one. Name an adapter by --adapter',
    );
  }
  const file = unsaid ? trained : wanted;
  if (file === undefined || file === 'base') {
    return { name: 'base', file: parts.file, weights: await parts.weights() };
  }
  if (!file.endsWith('.safetensors')) {
    throw new UsageError(
      `--policy ${file}: name base, trained or a .safetensors file (an adapter by --adapter)`,
    );
  }
  return { name: file, file, weights: await readWeights(folderOpener(dirname(file)), basename(file)) };
}
