import type { Choice, MovedPlace, TokenColumns } from '../grpo/moved.ts';
import type { ChangeFinding, GradientFinding, OptimiserStep } from '../grpo/watch.ts';
import type { GroupResult } from '../research/groups.ts';
import type { Trace } from '../traces/trace.ts';
import type { Question } from '../world/types.ts';

/** The phases at which an update can be held, in order: each is computed only when it is let on. */
export const heldPhases = ['rollouts', 'advantage', 'objective', 'gradient', 'update', 'moved'] as const;
export type HeldPhase = (typeof heldPhases)[number];

/** A token at a place, as a person reads it. */
export interface ReadChoice extends Choice {
  readonly text: string;
}

export interface ReadPlace extends Omit<MovedPlace, 'choices'> {
  readonly choices: readonly ReadChoice[];
}

export interface MovedFinding {
  readonly phase: 'moved';
  readonly before: TokenColumns;
  readonly after: TokenColumns;
  readonly places: readonly ReadPlace[];
}

/** What the phases of a watched update find, in the order told. */
export type RunFinding =
  /** Some rollouts of the group that is looked at, while they are written. */
  | {
      readonly phase: 'writing';
      readonly group: number;
      readonly question: Question;
      readonly traces: readonly Trace[];
    }
  | {
      readonly phase: 'rollouts';
      /** With rewards. */
      readonly groups: readonly GroupResult[];
      /** Groups drawn and replaced because all of each earned the same. */
      readonly replaced: number;
    }
  | { readonly phase: 'advantage'; readonly groups: readonly GroupResult[] }
  | {
      readonly phase: 'objective';
      readonly optimiserStep: OptimiserStep;
      readonly groups: readonly GroupResult[];
      readonly loss: number;
    }
  | GradientFinding
  | ChangeFinding
  | MovedFinding;
