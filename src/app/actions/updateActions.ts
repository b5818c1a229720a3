import type { AppState } from '../store/appState.ts';
import { runView, shownSource } from '../store/runView.ts';
import { canShow, phases, shownPhase, updateRecord, type Phase } from '../store/updateRecord.ts';
import { beginPhases, nextPhase, stepRun } from '../worker/session.ts';
import { startable, state, view, type Action } from './action.ts';

/** An update is under way and waits to be let on. */
export const isHeld = ({ lab }: AppState): boolean => lab.run === 'paused' && lab.watched?.done === false;

/** The phase after the one on the screen, and whether it has still to be computed. */
function phaseAfter(now: AppState): { readonly phase: Phase; readonly computed: boolean } | undefined {
  const record = updateRecord(runView(now, shownSource(now)), now.lab.watched, now.step);
  if (record === undefined || !startable(now)) return undefined;
  const shown = shownPhase(record, now.phase);
  const { at = 1, of = 1 } = record.watched?.optimiserStep ?? {};
  // A batch that is cut has more than one optimiser step: after one comes the objective of the next.
  const again = shown === 'update' && record.reached === 'update' && at < of;
  const phase = again ? 'objective' : phases[phases.indexOf(shown) + 1];
  if (phase === undefined) return undefined;
  const computed = !again && canShow(record, phase);
  return computed || (record.watched !== undefined && isHeld(now)) ? { phase, computed } : undefined;
}

export function toNextPhase(): void {
  const now = state();
  const next = phaseAfter(now);
  if (next === undefined) return;
  view({ phase: next.phase });
  if (!next.computed) nextPhase(now.slow);
}

function toPreviousPhase(): void {
  const now = state();
  const record = updateRecord(runView(now, shownSource(now)), now.lab.watched, now.step);
  const shown = record && shownPhase(record, now.phase);
  const before = shown && phases[phases.indexOf(shown) - 1];
  if (before !== undefined) view({ phase: before, slow: false });
}

export function newUpdate(slow: boolean): void {
  view({ phase: undefined, slow });
  void beginPhases(slow);
}

export const updateActions = {
  nextPhase: {
    id: 'nextPhase',
    label: 'Next phase',
    where: 'One update',
    key: 'n',
    possible: (now) => phaseAfter(now) !== undefined,
    perform: toNextPhase,
  },
  previousPhase: {
    id: 'previousPhase',
    label: 'Back by a phase',
    where: 'One update',
    key: 'b',
    perform: toPreviousPhase,
  },
  slow: {
    id: 'slow',
    label: 'Slow motion',
    where: 'One update',
    key: 'm',
    perform: () => {
      const now = state();
      const turned = !now.slow;
      view({ slow: turned });
      if (turned && phaseAfter(now) === undefined && startable(now)) newUpdate(true);
    },
  },
  newUpdate: {
    id: 'newUpdate',
    label: 'Make an update here, phase by phase',
    where: 'One update',
    key: 'u',
    possible: (now) => startable(now) && !isHeld(now),
    perform: () => newUpdate(state().slow),
  },
  finishUpdate: {
    id: 'finishUpdate',
    label: 'Finish the update',
    where: 'One update',
    possible: isHeld,
    perform: () => void stepRun(),
  },
} as const satisfies Record<string, Action>;
