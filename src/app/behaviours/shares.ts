import type { Behaviour } from '../../traces/trace.ts';
import type { KeptUpdate } from '../store/labState.ts';
import type { RunView } from '../store/runView.ts';
import { rolloutsOf, showing } from './showing.ts';

/** One behaviour over a run. */
export interface Course {
  /** Of what: every rollout of an update, or, where a recording counted none, those that it kept. */
  readonly of: 'all' | 'kept';
  /** No update is done yet: there is nothing to count in. */
  readonly isNew: boolean;
  readonly steps: readonly number[];
  /** 0 … 1, a step each. */
  readonly shares: readonly number[];
  /** Updates of the whole run. */
  readonly total: number;
  /** Top of the scale. */
  readonly top: number;
}

const tops = [0.05, 0.1, 0.25, 0.5, 0.75] as const;

/** Top of a scale on which the largest of some shares still fits. */
export const topOf = (most: number): number => tops.find((top) => most <= top) ?? 1;

export function courseOf({ steps, kept, recipe }: RunView, name: Behaviour): Course {
  const all = steps.flatMap(({ step, behaviours }) =>
    behaviours === undefined ? [] : [{ step, share: behaviours[name] }],
  );
  const counted =
    all.length > 0 ? all : kept.map((update) => ({ step: update.step, share: keptShare(update, name) }));
  return {
    of: all.length > 0 ? 'all' : 'kept',
    isNew: steps.length === 0,
    steps: counted.map(({ step }) => step),
    shares: counted.map(({ share }) => share),
    total: Math.max(recipe.grpo.steps, steps.at(-1)?.step ?? 0),
    top: topOf(Math.max(0, ...counted.map(({ share }) => share))),
  };
}

function keptShare(update: KeptUpdate, name: Behaviour): number {
  return showing(update, name).length / Math.max(1, rolloutsOf(update).length);
}

/** The name as a heading writes it. */
export const titleOf = (name: Behaviour): string => name.charAt(0).toUpperCase() + name.slice(1);
