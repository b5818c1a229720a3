/** LoRA adapters in the layout of Hugging Face's PEFT: adapter_config.json and adapter_model.safetensors. */
import { z } from 'zod';
import { EngineError, type Backend } from '../engine/backend.ts';
import type { DecoderConfig } from '../engine/config.ts';
import { factorNames, loraMatrices, loraTensors, type LoraOptions } from '../engine/lora.ts';
import { Parameters } from '../engine/parameters.ts';
import type { PlainType } from '../engine/plainNumbers.ts';
import { readSafetensors, writeSafetensors } from '../engine/safetensors.ts';
import { sizeOf, tensorOf, type NamedTensors, type Tensor } from '../engine/tensors.ts';
import type { FileReader } from './modelFiles.ts';
import { plainTypeOf } from './numbersKept.ts';

export const ADAPTER_CONFIG = 'adapter_config.json';
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';

const configSchema = z.looseObject({
  peft_type: z.literal('LORA', 'is not LORA'),
  r: z.number().int().positive(),
  lora_alpha: z.number(),
  target_modules: z.union([z.array(z.string()), z.string().transform((name) => [name])]),
  bias: z.literal('none', 'adapters that train biases are not read here').default('none'),
  use_dora: z.literal(false, 'DoRA is not read here').nullish(),
  use_rslora: z.literal(false, 'rank-stabilised LoRA is not read here').nullish(),
  modules_to_save: z.null('whole modules beside the factors are not read here').optional(),
  rank_pattern: z.record(z.string(), z.never('ranks of their own are not read here')).nullish(),
  alpha_pattern: z.record(z.string(), z.never('alphas of their own are not read here')).nullish(),
});

/** PEFT's name of a factor. */
const peftName = (weight: string, factor: 'A' | 'B'): string =>
  `base_model.model.${weight.replace(/\.weight$/, '')}.lora_${factor}.weight`;

/** The options that an adapter_config.json (parsed) states. */
export function parseAdapterConfig(json: unknown): LoraOptions {
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new EngineError(
      `${ADAPTER_CONFIG}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}. Use a LoRA adapter as PEFT saves it.`,
    );
  }
  const { r, lora_alpha, target_modules } = parsed.data;
  return { rank: r, alpha: lora_alpha, targets: target_modules };
}

/** An adapter on the host: its options, and its factors by the engine's names (`loraTensors`). */
export interface Adapter {
  readonly options: LoraOptions;
  readonly tensors: NamedTensors;
}

/**
 * An adapter's files.
 * @throws EngineError naming the file and what does not fit the model
 */
export async function readAdapter(config: DecoderConfig, read: FileReader): Promise<Adapter> {
  let json: unknown;
  const bytes = await read(ADAPTER_CONFIG);
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new EngineError(`${ADAPTER_CONFIG} is not JSON. Give the file as saved, unchanged.`);
  }
  const options = parseAdapterConfig(json);
  const { tensors } = readSafetensors(await read(ADAPTER_WEIGHTS), ADAPTER_WEIGHTS);
  const renamed = new Map<string, Tensor>();
  const known = new Set<string>();
  for (const { name, rows, cols } of loraMatrices(config, options)) {
    const { a, b } = factorNames(name);
    for (const [ours, factor, shape] of [
      [a, 'A', [options.rank, cols]],
      [b, 'B', [rows, options.rank]],
    ] as const) {
      const theirs = peftName(name, factor);
      const tensor = tensors.get(theirs);
      known.add(theirs);
      if (tensor === undefined) {
        throw new EngineError(`${ADAPTER_WEIGHTS} lacks ${theirs}: it is of another model, or not whole`);
      }
      if (tensor.shape.join() !== shape.join()) {
        throw new EngineError(
          `${ADAPTER_WEIGHTS}: ${theirs} is [${tensor.shape.join(', ')}], the model needs [${shape.join(', ')}]. Use it with the model that it was trained on.`,
        );
      }
      renamed.set(ours, factor === 'A' ? tensor : transposed(tensor));
    }
  }
  const extra = [...tensors.keys()].find((name) => !known.has(name));
  if (extra !== undefined) {
    throw new EngineError(`${ADAPTER_WEIGHTS} holds ${extra}, which ${ADAPTER_CONFIG} does not speak of`);
  }
  return { options, tensors: renamed };
}

/** An adapter's factors on the device. */
export function placeAdapter(backend: Backend, config: DecoderConfig, adapter: Adapter): Parameters {
  const factors = new Parameters(backend, loraTensors(config, adapter.options));
  try {
    factors.load(adapter.tensors, ADAPTER_WEIGHTS);
  } catch (error) {
    factors.dispose();
    throw error;
  }
  return factors;
}

/** An adapter from a folder: its options, and its factors on the device. */
export async function loadAdapter(
  backend: Backend,
  config: DecoderConfig,
  read: FileReader,
): Promise<{ readonly options: LoraOptions; readonly factors: Parameters }> {
  const adapter = await readAdapter(config, read);
  return { options: adapter.options, factors: placeAdapter(backend, config, adapter) };
}

/** The two files of an adapter, F32. @param base what it belongs to, as PEFT names it */
export function adapterFiles(
  config: DecoderConfig,
  { options, tensors: held }: Adapter,
  base: string,
): Map<string, Uint8Array<ArrayBuffer>> {
  const tensors = new Map<string, Tensor>();
  for (const { name } of loraMatrices(config, options)) {
    const { a, b } = factorNames(name);
    tensors.set(peftName(name, 'A'), factorOf(held, a));
    tensors.set(peftName(name, 'B'), transposed(factorOf(held, b)));
  }
  const json = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: base,
    r: options.rank,
    lora_alpha: options.alpha,
    target_modules: options.targets,
    lora_dropout: 0,
    bias: 'none',
  };
  return new Map([
    [ADAPTER_CONFIG, new TextEncoder().encode(`${JSON.stringify(json, null, 1)}\n`)],
    [ADAPTER_WEIGHTS, writeSafetensors(tensors, 'F32', { format: 'pt' })],
  ]);
}

/**
 * The base's tensors with the adapter worked in: W + (alpha / rank) · B · A, computed when asked for. Merged tensors are
 * to be kept in the numbers of the base (`plainTypeOf`); where those are quantised, in halves.
 */
export function mergedTensors(
  base: NamedTensors,
  config: DecoderConfig,
  { options, tensors: held }: Adapter,
): Map<string, Tensor> {
  const merged = new Map<string, Tensor>(base);
  const scale = options.alpha / options.rank;
  for (const { name, rows, cols } of loraMatrices(config, options)) {
    const tensor = base.get(name);
    if (tensor === undefined) throw new EngineError(`the base has no ${name} to merge the adapter into`);
    const { a, b } = factorNames(name);
    const values = (): Float32Array => {
      const [A, B] = [factorOf(held, a).values(), factorOf(held, b).values()];
      const w = Float32Array.from(tensor.values());
      const sums = new Float64Array(cols);
      for (let row = 0; row < rows; row++) {
        sums.fill(0);
        for (let r = 0; r < options.rank; r++) {
          const factor = scale * (B[r * rows + row] ?? 0);
          for (let col = 0; col < cols; col++)
            sums[col] = (sums[col] ?? 0) + factor * (A[r * cols + col] ?? 0);
        }
        for (let col = 0; col < cols; col++)
          w[row * cols + col] = (w[row * cols + col] ?? 0) + (sums[col] ?? 0);
      }
      return w;
    };
    const kept: Tensor & { readonly dtype: PlainType } = {
      shape: tensor.shape,
      dtype: plainTypeOf(tensor, 'keep'),
      values,
    };
    merged.set(name, kept);
  }
  return merged;
}

function factorOf(tensors: NamedTensors, name: string): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new EngineError(`the adapter has no ${name}`);
  return tensor;
}

function transposed(tensor: Tensor): Tensor {
  const [rows = 0, cols = 0] = tensor.shape;
  const values = tensor.values();
  const out = new Float32Array(sizeOf(tensor.shape));
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) out[c * rows + r] = values[r * cols + c] ?? 0;
  }
  return tensorOf([cols, rows], out);
}
