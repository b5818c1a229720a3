import type { RewardedGroup } from '../advantage.ts';
import type { TokenWeighing } from '../tokenWeight.ts';
import type { RatioLevel } from '../ratio.ts';

/** What turns a ratio and an advantage into a loss (objective.ts). */
export type Surrogate = 'clipped ratio' | 'clipped weight';

/** What a reward is compared with, and whose spread divides: its group, the group's others, the batch, or both. */
export type Baseline = 'group' | 'others' | 'batch' | 'group in batch';

/** What the objective asks of a variant. */
export interface ObjectiveRules {
  readonly ratio: RatioLevel;
  readonly surrogate: Surrogate;
}

/** Fields of a recipe that a variant has values of its own for: its paper's, or its code's. */
export interface VariantNumbers {
  readonly grpo?: {
    readonly clipLow?: number;
    readonly clipHigh?: number;
    readonly divideByStd?: boolean;
    readonly lldsWeight?: number;
    readonly redraws?: number;
    readonly minibatches?: number;
    readonly epochs?: number;
  };
  readonly reward?: { readonly overlong?: number };
}

/** One way to turn rewarded rollouts into a loss, as data and pure functions. */
export interface Variant extends ObjectiveRules {
  /** For people. */
  readonly label: string;
  /** What it does, in a sentence. */
  readonly about: string;
  /** How the page writes the advantage. */
  readonly baseline: Baseline;
  /** Whether `grpo.divideByStd` may be on: dividing is no part of the others. */
  readonly mayDivideByStd: boolean;
  /** Advantages of a batch's rollouts, group by group. */
  readonly advantages: (
    groups: readonly RewardedGroup[],
    divideByStd: boolean,
  ) => readonly (readonly number[])[];
  /** Rollouts that are neither trained on nor counted in any mean. Default: none. */
  readonly leavesOut?: (advantage: number, group: RewardedGroup) => boolean;
  readonly weighing: TokenWeighing;
  readonly numbers: VariantNumbers;
}
