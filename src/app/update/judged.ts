import { judge, type JudgedRollout } from '../../grpo/judge.ts';
import type { VariantName } from '../../grpo/variants/variants.ts';
import type { Recipe } from '../../lab/recipe.ts';
import type { PresetName } from '../../lab/presets.ts';
import type { UpdateRecord } from '../store/updateRecord.ts';
import { withFields } from '../store/recipeFields.ts';

export interface Judged {
  /** The recipe that was judged by: the update's own, or with the variant and the numbers it brings. */
  readonly recipe: Recipe;
  /** By place of the group in the record. */
  readonly groups: readonly (readonly JudgedRollout[])[];
}

/**
 * The update's groups under a variant, computed here from what the record holds. Batches are cut and passed over as in
 * the update, whatever the variant would do by itself.
 */
export function judged(record: UpdateRecord, variant: VariantName, preset: PresetName): Judged | string {
  const own = record.recipe;
  const other =
    variant === own.grpo.variant
      ? ({ ok: true, recipe: own } as const)
      : withFields(own, { 'grpo.variant': variant }, 'This variant cannot be shown', preset);
  if (!other.ok) return other.message;
  const { recipe } = other;
  const traces = record.groups.map((group) => group.traces);
  if (traces.flat().some(({ reward }) => reward === undefined)) return 'Some rollouts have no reward.';
  const { minibatches, epochs } = own.grpo;
  const options = { ...recipe.grpo, minibatches, epochs, maxTokens: recipe.rollout.maxTokens };
  return { recipe, groups: judge(traces, options) };
}

/** The size that the strongest colour stands for: all but the largest fiftieth lie below it. */
export function heatTop(values: readonly number[]): number {
  const sizes = values
    .map(Math.abs)
    .filter((size) => size > 0)
    .sort((a, b) => a - b);
  return sizes[Math.floor(sizes.length * 0.98)] ?? sizes.at(-1) ?? 1;
}

/** Step of the signed scale, −3 to 3; 0 for what is nearly nothing. */
export function heatStep(value: number, top: number): number {
  const share = Math.abs(value) / top;
  const size = share > 0.6 ? 3 : share > 0.25 ? 2 : share > 0.04 ? 1 : 0;
  return value < 0 ? 0 - size : size;
}
