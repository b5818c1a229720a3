/**
 * LoRA (Hu et al. 2021, as in Hugging Face's PEFT): a frozen matrix W[O,I] becomes W + (alpha/rank) · B · A with
 * A[rank,I] and B[O,rank] trained. Only the factors have gradients and moments; without them the model is the
 * reference, so that there is no second copy of it.
 */
import { EngineError, type Backend } from './backend.ts';
import type { DecoderConfig } from './config.ts';
import { decoderTensors } from './decoderTensors.ts';
import type { Weight, WeightSource } from './ops/tape.ts';
import type { Parameters, TensorSpec } from './parameters.ts';

export interface LoraOptions {
  readonly rank: number;
  /** The adapter's part is multiplied by alpha / rank. */
  readonly alpha: number;
  /** Names of the layers' projections that get factors, such as q_proj. */
  readonly targets: readonly string[];
}

export const loraTargets = [
  'q_proj',
  'k_proj',
  'v_proj',
  'o_proj',
  'gate_proj',
  'up_proj',
  'down_proj',
] as const;

/** The projections of a decoder that the options name: [name of the weight, O, I]. */
export function loraMatrices(
  config: DecoderConfig,
  options: LoraOptions,
): readonly { readonly name: string; readonly rows: number; readonly cols: number }[] {
  const unknown = options.targets.find((target) => !loraTargets.some((known) => known === target));
  if (unknown !== undefined || options.targets.length === 0) {
    throw new EngineError(`LoRA targets: ${unknown ?? 'none'}. Choose among ${loraTargets.join(', ')}.`);
  }
  if (!(Number.isInteger(options.rank) && options.rank > 0)) {
    throw new EngineError(`LoRA rank ${options.rank}: a whole number from 1 on is needed`);
  }
  return decoderTensors(config).flatMap(({ name, shape: [rows = 0, cols = 0] }) => {
    const target = /^model\.layers\.\d+\.\w+\.(\w+)\.weight$/.exec(name)?.[1];
    return target !== undefined && options.targets.includes(target) ? [{ name, rows, cols }] : [];
  });
}

/** Names of the factors of a weight: A as [rank, I], and B transposed, as [rank, O]. */
export const factorNames = (weight: string): { readonly a: string; readonly b: string } => {
  const stem = weight.replace(/\.weight$/, '');
  return { a: `${stem}.lora_A`, b: `${stem}.lora_B` };
};

/**
 * The factors as tensors. A starts as in PEFT, uniform with the deviation 1/√(3·I) (here normal), B at zero: the
 * adapter changes nothing at first.
 */
export function loraTensors(config: DecoderConfig, options: LoraOptions): TensorSpec[] {
  const { rank } = options;
  return loraMatrices(config, options).flatMap(({ name, rows, cols }): TensorSpec[] => {
    const { a, b } = factorNames(name);
    return [
      { name: a, shape: [rank, cols], decay: true, init: { normal: 1 / Math.sqrt(3 * cols) } },
      { name: b, shape: [rank, rows], decay: true, init: { constant: 0 } },
    ];
  });
}

/** The weights of a model with an adapter on some of them. */
export class LoraWeights implements WeightSource {
  readonly backend: Backend;
  readonly options: LoraOptions;
  readonly base: WeightSource;
  private readonly adapted: ReadonlyMap<string, Weight>;
  private readonly config: DecoderConfig;

  /** `factors` must hold the tensors of `loraTensors`. */
  constructor(base: WeightSource, factors: Parameters, config: DecoderConfig, options: LoraOptions) {
    this.backend = base.backend;
    this.base = base;
    this.config = config;
    this.options = options;
    const adapted = loraMatrices(config, options).map(({ name }): [string, Weight] => {
      const { a, b } = factorNames(name);
      const adapter = {
        a: factors.weight(a),
        b: factors.weight(b),
        scale: options.alpha / options.rank,
      };
      // The base is frozen, whoever else trains it.
      return [name, { ...base.weight(name), grad: null, adapter }];
    });
    this.adapted = new Map(adapted);
  }

  weight(name: string): Weight {
    return this.adapted.get(name) ?? { ...this.base.weight(name), grad: null };
  }

  over(factors: Parameters): LoraWeights {
    return new LoraWeights(this.base, factors, this.config, this.options);
  }
}
