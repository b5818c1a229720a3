import { exportRollouts } from '../components/rollout/exportRollouts.ts';
import { tokenMeasures } from '../components/rollout/tokenMeasures.ts';
import type { AppState } from '../store/appState.ts';
import { instructiveMate } from '../store/mates.ts';
import { neighbour, openEntry, openRollout, rolloutList } from '../store/rolloutList.ts';
import { state, type Action } from './action.ts';

const isOpen = (now: AppState): boolean =>
  now.listed === 'run' ? now.open !== undefined : now.openInFile !== undefined;

/** The mark, and with it what is open, to the next rollout of the list. */
function move(by: number): void {
  const now = state();
  const next = neighbour(now, by);
  if (next === undefined) return;
  if (isOpen(now)) openRollout(now, next);
  else now.setRollouts({ cursor: next.key });
}

function moveInGroup(by: number): void {
  const now = state();
  const entry = openEntry(now);
  const next = entry?.group.entries[entry.place + by];
  if (next !== undefined) openRollout(now, next);
}

/** Closes the innermost thing: what stands beside, then the picked token, then the rollout. */
function close(): void {
  const now = state();
  if (now.beside !== undefined) now.setRollouts({ beside: undefined });
  else if (now.token !== undefined) now.setRollouts({ token: undefined });
  else openRollout(now, undefined);
}

function compare(): void {
  const now = state();
  const entry = openEntry(now);
  const mate = entry === undefined ? undefined : instructiveMate(entry);
  if (now.beside !== undefined) now.setRollouts({ beside: undefined });
  else if (mate !== undefined) now.setRollouts({ beside: mate.key });
}

function nextColour(): void {
  const { tokenColour, setView } = state();
  const all = ['none' as const, ...tokenMeasures.map(({ value }) => value)];
  setView({ tokenColour: all[(all.indexOf(tokenColour) + 1) % all.length] });
}

const where = 'Rollouts';

export const rolloutActions = {
  rolloutDown: {
    id: 'rolloutDown',
    label: 'Next rollout in the list',
    where,
    key: 'j',
    perform: () => move(1),
  },
  rolloutUp: {
    id: 'rolloutUp',
    label: 'Previous rollout in the list',
    where,
    key: 'k',
    perform: () => move(-1),
  },
  rolloutOpen: {
    id: 'rolloutOpen',
    label: 'Read the marked rollout',
    where,
    key: 'Enter',
    possible: (now: AppState) => now.cursor !== undefined && !isOpen(now),
    perform: () => {
      const now = state();
      const entry = rolloutList(now).shown.find(({ key }) => key === now.cursor);
      if (entry !== undefined) openRollout(now, entry);
    },
  },
  rolloutClose: {
    id: 'rolloutClose',
    label: 'Close what is open',
    where,
    key: 'Escape',
    possible: isOpen,
    perform: close,
  },
  rolloutFind: {
    id: 'rolloutFind',
    label: 'Search in the rollouts',
    where,
    key: '/',
    perform: () => document.getElementById('rollout-search')?.focus(),
  },
  rolloutCompare: {
    id: 'rolloutCompare',
    label: 'Put another of the group beside it, or take it away',
    where,
    key: 'c',
    possible: isOpen,
    perform: compare,
  },
  rolloutEarlier: {
    id: 'rolloutEarlier',
    label: 'Earlier rollout of the group',
    where,
    key: '[',
    possible: isOpen,
    perform: () => moveInGroup(-1),
  },
  rolloutLater: {
    id: 'rolloutLater',
    label: 'Later rollout of the group',
    where,
    key: ']',
    possible: isOpen,
    perform: () => moveInGroup(1),
  },
  rolloutColour: {
    id: 'rolloutColour',
    label: 'Colour tokens by the next measure',
    where,
    key: 'h',
    perform: nextColour,
  },
  rolloutExport: {
    id: 'rolloutExport',
    label: 'Export the listed rollouts as JSON Lines',
    where,
    key: 'e',
    possible: (now: AppState) => rolloutList(now).shown.length > 0,
    perform: () => exportRollouts(rolloutList(state()).shown),
  },
} as const satisfies Record<string, Action>;
