import type { Recipe } from '../../lab/recipe.ts';
import type { GroupResult } from '../../lab/protocol.ts';
import { keptAt, type RunView } from './runView.ts';
import type { Watched } from './watched.ts';

/** The phases of an update as a person walks through them; `reward` is told with the rollouts. */
export const phases = [
  'rollouts',
  'reward',
  'advantage',
  'objective',
  'gradient',
  'update',
  'moved',
] as const;
export type Phase = (typeof phases)[number];

/** One update to look at, whether it is being made here, was made here, or was recorded. */
export interface UpdateRecord {
  readonly source: 'live' | 'recorded';
  readonly step: number;
  readonly recipe: Recipe;
  readonly groups: readonly GroupResult[];
  /** The furthest phase that can be looked at. */
  readonly reached: Phase;
  /** What its phases told, where it was stepped by phase. */
  readonly watched?: Watched;
  /** Norm of its whole gradient. */
  readonly gradNorm?: number;
}

/**
 * The update to show: the one stepped by phase last, if it is of the run shown and no other is asked for; else a kept
 * one of the run.
 */
export function updateRecord(
  run: RunView | undefined,
  watched: Watched | undefined,
  step: number | undefined,
): UpdateRecord | undefined {
  if (run === undefined) return undefined;
  const { source, recipe } = run;
  if (source === 'live' && watched !== undefined && (step === undefined || step === watched.step)) {
    const { reached, groups } = watched;
    const gradNorm = watched.gradient?.norm;
    return {
      source,
      step: watched.step,
      recipe,
      groups,
      reached: reached === 'rollouts' && groups.length > 0 ? 'reward' : reached,
      watched,
      ...(gradNorm === undefined ? {} : { gradNorm }),
    };
  }
  const kept = keptAt(run.kept, step);
  if (kept === undefined) return undefined;
  const gradNorm = run.steps.find((row) => row.step === kept.step)?.gradNorm;
  return {
    source,
    step: kept.step,
    recipe,
    groups: kept.groups,
    reached: 'moved',
    ...(gradNorm === undefined ? {} : { gradNorm }),
  };
}

/** Which phase is on the screen: the one asked for, else the newest of an update under way, else the first. */
export function shownPhase(record: UpdateRecord, asked: Phase | undefined): Phase {
  if (asked !== undefined) return asked;
  if (record.watched === undefined) return 'rollouts';
  return record.reached === 'reward' ? 'rollouts' : record.reached;
}

export const canShow = (record: UpdateRecord, phase: Phase): boolean =>
  phases.indexOf(phase) <= phases.indexOf(record.reached);

/** The group on the screen: the one opened, else the one that is written, else the first that teaches something. */
export function shownGroup(record: UpdateRecord, opened: number | undefined): number {
  if (opened !== undefined) return opened;
  if (record.watched !== undefined) return record.watched.writing?.group ?? 0;
  return (record.groups.find(({ stdReward }) => stdReward > 0) ?? record.groups[0])?.group ?? 0;
}
