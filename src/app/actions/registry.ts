import { keepEverything, takeNewVersion } from '../offline/offline.ts';
import { goTo, hashPath } from '../routing/hashLocation.ts';
import { shareAddress } from '../routing/linkSync.ts';
import { isPresetName, presets } from '../../lab/presets.ts';
import { behaviourNames } from '../../traces/trace.ts';
import { viewAt, views, type ViewLabel } from '../routing/views.ts';
import type { AppState } from '../store/appState.ts';
import { isViewHidden, type PartName } from '../store/parts.ts';
import { keptAt, runView, shownSource } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { shownTheme } from '../theme/theme.ts';
import { another, askBoth, isAsking, rollAgain, stopAsked } from '../worker/asking.ts';
import { canShow, phases, shownPhase, updateRecord, type Phase } from '../store/updateRecord.ts';
import { beginPhases, nextPhase, pauseRun, setPace, startRun, stepRun } from '../worker/session.ts';
import { isEvaluating, setTable, startEvaluation, stopEvaluation } from '../worker/evaluating.ts';
import { stopRun } from '../worker/runKeeping.ts';
import { rolloutActions } from './rolloutActions.ts';

/** Something a visitor can do, once: its button, its key and its line in the list of keys all come from here. */
export interface Action {
  readonly id: string;
  readonly label: string;
  readonly where: 'everywhere' | ViewLabel;
  /** Said beside the label where there is room. */
  readonly about?: string;
  /** As `KeyboardEvent.key` says it. */
  readonly key?: string;
  /** A letter that does it with Ctrl or ⌘ held. */
  readonly chord?: string;
  /** Gone where a link has hidden this part. */
  readonly part?: PartName;
  /** Absent: always possible. */
  readonly possible?: (state: AppState) => boolean;
  readonly perform: () => void;
}

const state = (): AppState => useApp.getState();
const view = (change: Parameters<AppState['setView']>[0]): void => state().setView(change);

const running = ({ lab }: AppState): boolean => lab.run === 'running';
const held = ({ lab }: AppState): boolean =>
  lab.run === 'running' || lab.run === 'pausing' || lab.run === 'paused' || lab.run === 'done';
const startable = ({ lab }: AppState): boolean => !['running', 'pausing', 'loading'].includes(lab.run);

/** An update is under way and waits to be let on. */
const isHeld = ({ lab }: AppState): boolean => lab.run === 'paused' && lab.watched?.done === false;

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

function toNextPhase(): void {
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

function newUpdate(slow: boolean): void {
  view({ phase: undefined, slow });
  void beginPhases(slow);
}

function moveStep(by: number): void {
  const now = state();
  const run = runView(now, shownSource(now));
  const kept = run?.kept ?? [];
  const at = kept.findIndex((update) => update.step === keptAt(kept, now.step)?.step);
  const next = kept[at + by];
  if (next !== undefined) view({ step: next.step === kept.at(-1)?.step ? undefined : next.step });
}

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

function moveBehaviour(by: number): void {
  const at = behaviourNames.indexOf(state().behaviour);
  const next = behaviourNames[(at + by + behaviourNames.length) % behaviourNames.length];
  if (next !== undefined) view({ behaviour: next, open: undefined });
}

export const actions = {
  shortcuts: {
    id: 'shortcuts',
    label: 'Show the keys',
    where: 'everywhere',
    key: '?',
    perform: () => view({ dialog: 'shortcuts' }),
  },
  palette: {
    id: 'palette',
    label: 'Do anything by its name',
    where: 'everywhere',
    chord: 'k',
    perform: () => view({ dialog: 'palette' }),
  },
  undo: {
    id: 'undo',
    label: 'Undo',
    where: 'everywhere',
    key: 'z',
    chord: 'z',
    possible: ({ undo }) => undo !== undefined,
    perform: () => {
      const { undo, offerUndo } = state();
      offerUndo(undefined);
      undo?.perform();
    },
  },
  hide: {
    id: 'hide',
    label: 'Show and hide parts, for a class',
    where: 'everywhere',
    perform: () => view({ dialog: 'hide' }),
  },
  print: {
    id: 'print',
    label: 'Print this view',
    where: 'everywhere',
    perform: () => window.print(),
  },
  keepAll: {
    id: 'keepAll',
    label: 'Keep everything for offline use',
    about: 'downloads engine, policies and embedding model',
    where: 'everywhere',
    possible: ({ offline }) => offline.kept === 'shell' && offline.progress === undefined,
    perform: () => void keepEverything(),
  },
  newVersion: {
    id: 'newVersion',
    label: 'Open the newer version of this page',
    where: 'everywhere',
    possible: ({ offline }) => offline.newVersion,
    perform: () => void takeNewVersion(),
  },
  theme: {
    id: 'theme',
    label: 'Light or dark',
    where: 'everywhere',
    key: 't',
    perform: () => view({ theme: shownTheme(state().theme) === 'dark' ? 'light' : 'dark' }),
  },
  recipe: {
    id: 'recipe',
    label: 'Open the recipe',
    where: 'everywhere',
    key: 'r',
    part: 'recipe',
    perform: () => view({ dialog: 'recipe' }),
  },
  share: {
    id: 'share',
    label: 'Copy a link to what is shown',
    where: 'everywhere',
    key: 'l',
    perform: () => void navigator.clipboard.writeText(shareAddress()),
  },
  trainHere: {
    id: 'trainHere',
    label: 'Train it yourself, here',
    where: 'Play',
    part: 'train-here',
    possible: startable,
    perform: () => {
      goTo('/train');
      void startRun();
    },
  },
  ask: {
    id: 'ask',
    label: 'Ask both',
    where: 'Play',
    key: 'a',
    possible: ({ questionText }) => questionText.trim() !== '',
    perform: () => void askBoth(),
  },
  stopAsked: {
    id: 'stopAsked',
    label: 'Stop the answers',
    where: 'Play',
    key: 'x',
    possible: isAsking,
    perform: stopAsked,
  },
  another: {
    id: 'another',
    label: 'Another question',
    where: 'Play',
    key: 'n',
    perform: () => void another(),
  },
  dice: {
    id: 'dice',
    label: 'Roll again: other dice, same question',
    where: 'Play',
    key: 'd',
    possible: ({ questionText }) => questionText.trim() !== '',
    perform: () => void rollAgain(),
  },
  find: {
    id: 'find',
    label: 'Search in the passages',
    where: 'Corpus',
    key: '/',
    perform: () => {
      view({ onMap: 'find' });
      // Where a question's path was shown, the box is drawn first.
      requestAnimationFrame(() => document.getElementById('find')?.focus());
    },
  },
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
  closeSeen: {
    id: 'closeSeen',
    label: 'Close the rollout',
    where: 'Behaviours',
    key: 'Escape',
    possible: ({ open }) => open !== undefined,
    perform: () => view({ open: undefined }),
  },
  previousBehaviour: {
    id: 'previousBehaviour',
    label: 'Previous behaviour',
    where: 'Behaviours',
    key: 'ArrowLeft',
    perform: () => moveBehaviour(-1),
  },
  nextBehaviour: {
    id: 'nextBehaviour',
    label: 'Next behaviour',
    where: 'Behaviours',
    key: 'ArrowRight',
    perform: () => moveBehaviour(1),
  },
  earlierSeen: {
    id: 'earlierSeen',
    label: 'Earlier update',
    where: 'Behaviours',
    key: '[',
    perform: () => moveStep(-1),
  },
  laterSeen: {
    id: 'laterSeen',
    label: 'Later update',
    where: 'Behaviours',
    key: ']',
    perform: () => moveStep(1),
  },
  closeRollout: {
    id: 'closeRollout',
    label: 'Close the rollout',
    where: 'Train',
    key: 'Escape',
    possible: ({ open }) => open !== undefined,
    perform: () => view({ open: undefined }),
  },
  evaluate: {
    id: 'evaluate',
    label: 'Run the table here',
    where: 'Evaluate',
    key: 'e',
    possible: (now) => !isEvaluating(now) && now.lab.run !== 'loading',
    perform: () => void startEvaluation(),
  },
  stopEvaluation: {
    id: 'stopEvaluation',
    label: 'Stop the table',
    where: 'Evaluate',
    key: 'x',
    possible: isEvaluating,
    perform: stopEvaluation,
  },
  closeCell: {
    id: 'closeCell',
    label: 'Close the cell',
    where: 'Evaluate',
    key: 'Escape',
    possible: ({ table }) => table.cell !== undefined,
    perform: () => setTable(state().table.item === undefined ? { cell: undefined } : { item: undefined }),
  },
  ...rolloutActions,
} as const satisfies Record<string, Action>;

/** A way to each view. */
const ways: readonly Action[] = views.map(({ path, label, key, about }) => ({
  id: `go ${path}`,
  label: `Go to ${label}`,
  about,
  where: 'everywhere',
  key,
  possible: ({ hidden }) => !isViewHidden(hidden, path),
  perform: () => goTo(path),
}));

/** The recipe, from each preset. */
const presetChoices: readonly Action[] = Object.keys(presets)
  .filter(isPresetName)
  .map((name) => ({
    id: `preset ${name}`,
    label: `Take the recipe “${name}”`,
    where: 'everywhere',
    part: 'recipe',
    perform: () => state().takePreset(name),
  }));

export const actionList: readonly Action[] = [...ways, ...Object.values(actions), ...presetChoices];

/** Whether an action can be done now, where the visitor is. */
export function isPossible(action: Action): boolean {
  const now = state();
  if (action.part !== undefined && now.hidden.includes(action.part)) return false;
  const here = viewAt(hashPath()).label;
  return (action.where === 'everywhere' || action.where === here) && (action.possible?.(now) ?? true);
}
