import type { ChangeFinding, GradientFinding, OptimiserStep } from '../../grpo/watch.ts';
import type { GroupResult, RunFinding } from '../../lab/protocol.ts';
import type { HeldPhase, MovedFinding } from '../../lab/runFinding.ts';
import type { Trace } from '../../traces/trace.ts';
import type { Question } from '../../world/types.ts';

/** An update that is or was stepped by phase: all that its phases have told. */
export interface Watched {
  readonly step: number;
  /** The last phase that has told anything; `rollouts` is under way while `writing` is there. */
  readonly reached: HeldPhase;
  /** The group that is looked at while its rollouts are written. */
  readonly writing?: {
    readonly group: number;
    readonly question: Question;
    readonly traces: readonly Trace[];
  };
  /** The whole batch, once written. */
  readonly groups: readonly GroupResult[];
  readonly replaced: number;
  readonly loss?: number;
  readonly optimiserStep?: OptimiserStep;
  readonly gradient?: GradientFinding;
  readonly change?: ChangeFinding;
  readonly moved?: MovedFinding;
  /** The update has been made. */
  readonly done: boolean;
}

/** What is known of an update after one more finding. */
export function foldWatched(before: Watched | undefined, step: number, finding: RunFinding): Watched {
  const same: Watched =
    before?.step === step && !before.done
      ? before
      : { step, reached: 'rollouts', groups: [], replaced: 0, done: false };
  switch (finding.phase) {
    case 'writing': {
      const { group, question, traces } = finding;
      return { ...same, reached: 'rollouts', writing: { group, question, traces } };
    }
    case 'rollouts': {
      const { writing: _, ...rest } = same;
      return { ...rest, groups: finding.groups, replaced: finding.replaced };
    }
    case 'advantage':
      return { ...same, reached: 'advantage', groups: finding.groups };
    case 'objective': {
      const { groups, loss, optimiserStep } = finding;
      return { ...same, reached: 'objective', groups, loss, optimiserStep };
    }
    case 'gradient':
      return { ...same, reached: 'gradient', gradient: finding };
    case 'update':
      return { ...same, reached: 'update', change: finding };
    case 'moved':
      return { ...same, reached: 'moved', moved: finding };
  }
}
