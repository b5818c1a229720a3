import { goTo } from '../routing/hashLocation.ts';
import type { AppState } from '../store/appState.ts';
import { keptAt, runView, shownSource } from '../store/runView.ts';
import { stopRun } from '../worker/runKeeping.ts';
import { pauseRun, setPace, startRun, stepRun } from '../worker/session.ts';
import { moveStep, startable, state, view, type Action } from './action.ts';
import { isHeld, newUpdate, toNextPhase } from './updateActions.ts';

const running = ({ lab }: AppState): boolean => lab.run === 'running';
const held = ({ lab }: AppState): boolean =>
  lab.run === 'running' || lab.run === 'pausing' || lab.run === 'paused' || lab.run === 'done';

/** The next rollout of the open one's batch, over the ends of its group into the next. */
function moveRollout(by: number): void {
  const now = state();
  const run = runView(now, shownSource(now));
  const groups = keptAt(run?.kept ?? [], now.step)?.groups ?? [];
  const all = groups.flatMap((group) => group.traces.map((_, rollout) => ({ group: group.group, rollout })));
  const at = all.findIndex(({ group, rollout }) => group === now.open?.group && rollout === now.open.rollout);
  const next = all[at + by];
  if (at >= 0 && next !== undefined) view({ open: next });
}

export const trainActions = {
  start: {
    id: 'start',
    label: 'Start',
    where: 'Train',
    key: 's',
    possible: startable,
    perform: () => void startRun(),
  },
  pause: { id: 'pause', label: 'Pause', where: 'Train', key: 'p', possible: running, perform: pauseRun },
  step: {
    id: 'step',
    label: 'One update',
    where: 'Train',
    key: 'u',
    possible: startable,
    perform: () => void stepRun(),
  },
  pace: {
    id: 'pace',
    label: 'Slow motion, or full speed',
    about: 'writes at reading speed; what is learned stays the same',
    where: 'Train',
    key: 'm',
    part: 'speed',
    perform: () => setPace(state().pace === 'full' ? 'reading' : 'full'),
  },
  byPhase: {
    id: 'byPhase',
    label: 'One phase',
    about: 'one update, held after each phase',
    where: 'Train',
    possible: startable,
    perform: () => {
      goTo('/update');
      if (isHeld(state())) toNextPhase();
      else newUpdate(state().slow);
    },
  },
  stop: {
    id: 'stop',
    label: 'Stop',
    where: 'Train',
    key: 'x',
    possible: held,
    perform: () => void stopRun(),
  },
  earlier: { id: 'earlier', label: 'Earlier update', where: 'Train', key: '[', perform: () => moveStep(-1) },
  later: { id: 'later', label: 'Later update', where: 'Train', key: ']', perform: () => moveStep(1) },
  previousRollout: {
    id: 'previousRollout',
    label: 'Previous rollout',
    where: 'Train',
    key: 'ArrowLeft',
    possible: ({ open }) => open !== undefined,
    perform: () => moveRollout(-1),
  },
  nextRollout: {
    id: 'nextRollout',
    label: 'Next rollout',
    where: 'Train',
    key: 'ArrowRight',
    possible: ({ open }) => open !== undefined,
    perform: () => moveRollout(1),
  },
  closeRollout: {
    id: 'closeRollout',
    label: 'Close the rollout',
    where: 'Train',
    key: 'Escape',
    possible: ({ open }) => open !== undefined,
    perform: () => view({ open: undefined }),
  },
} as const satisfies Record<string, Action>;
