/** What of a model learns, and how its other weights are kept: a recipe's `training` for one model on one backend. */
import type { Backend } from '../engine/backend.ts';
import { Decoder } from '../engine/decoder.ts';
import { FrozenWeights, type WeightKind } from '../engine/frozenWeights.ts';
import { loraTensors, LoraWeights, type LoraOptions } from '../engine/lora.ts';
import { Parameters } from '../engine/parameters.ts';
import { formatOf, NANO_FORMAT } from '../research/format.ts';
import { placeModel, type ModelParts } from './modelFiles.ts';
import { RecipeError } from './presets.ts';
import type { Recipe } from './recipe.ts';

export interface TrainingPlan {
  /** How the weights lie on the device; f32 where they are trained themselves. */
  readonly weights: WeightKind;
  /** A LoRA adapter beside frozen weights; absent: all weights are trained. */
  readonly adapter?: LoraOptions;
  readonly checkpointing: boolean;
}

/** Whether a model is one of the small policies trained here, which are asked by their own tokens. */
export const isNano = ({ tokenizer }: Pick<ModelParts, 'tokenizer'>): boolean =>
  formatOf(tokenizer, 'system') === NANO_FORMAT;

/**
 * `auto`, decided: an adapter for a chat model, its frozen weights in as many bits as its file has.
 * @param begun of a saved adapter that the run begins with
 */
export function planTraining(
  { training }: Pick<Recipe, 'training'>,
  parts: Pick<ModelParts, 'tokenizer' | 'kept'>,
  begun?: LoraOptions,
): TrainingPlan {
  const { method, frozen, rank, alpha, checkpointing } = training;
  const full = method === 'full' || (method === 'auto' && begun === undefined && isNano(parts));
  if (full && begun !== undefined)
    throw new RecipeError('training.method: an adapter cannot begin a run of all weights. Set it to lora.');
  if (full) return { weights: 'f32', checkpointing };
  const targets = training.targets.split(',');
  return {
    weights: frozen === 'auto' ? parts.kept : frozen,
    adapter: begun ?? { rank, alpha, targets },
    checkpointing,
  };
}

/** Tokens of a chat model's prompt around a question; the small policies' two are in the room for the question. */
export function frameOf(
  { tokenizer }: Pick<ModelParts, 'tokenizer'>,
  { rollout }: Pick<Recipe, 'rollout'>,
): number {
  return isNano({ tokenizer }) ? 0 : formatOf(tokenizer, rollout.prompt).prompt.build('', tokenizer).length;
}

/** What the adapter begins with: new factors, drawn from a seed, or those of a saved one. */
export type Factors = { readonly seed: number } | { readonly factors: Parameters };

type Weighed = Pick<ModelParts, 'config' | 'file' | 'weights'>;

/**
 * The policy that a run trains, on the device. Its `reference()` is the model as it was opened. Frozen weights are not
 * given back singly: they go with the backend.
 */
export async function openTrainable(
  backend: Backend,
  parts: Weighed,
  { weights, adapter, checkpointing }: TrainingPlan,
  begin: Factors,
): Promise<Decoder> {
  if (adapter === undefined) return placeModel(backend, parts, { checkpointing });
  const { config } = parts;
  const frozen = await freeze(backend, parts, weights);
  let factors: Parameters;
  if ('factors' in begin) ({ factors } = begin);
  else {
    factors = new Parameters(backend, loraTensors(config, adapter));
    factors.initialise(begin.seed);
  }
  return new Decoder(config, factors, new LoraWeights(frozen, factors, config, adapter), { checkpointing });
}

/** A model that only runs, its weights in as many bits as wanted. */
export async function openFrozen(backend: Backend, parts: Weighed, kind: WeightKind): Promise<Decoder> {
  return new Decoder(parts.config, new Parameters(backend, []), await freeze(backend, parts, kind));
}

async function freeze(
  backend: Backend,
  { config, file, weights }: Weighed,
  kind: WeightKind,
): Promise<FrozenWeights> {
  return new FrozenWeights(backend, config, await weights(), kind, file);
}
