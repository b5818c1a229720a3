import type { GroupResult } from '../../lab/protocol.ts';
import type { Recipe } from '../../lab/recipe.ts';
import type { Trace } from '../../traces/trace.ts';
import type { Question } from '../../world/types.ts';
import type { AppState } from './appState.ts';
import type { ImportedFile } from './importedFile.ts';
import { filtered, sorted, type RolloutFilter, type RolloutOrder } from './rolloutFilter.ts';
import { runView, shownSource, type RunView } from './runView.ts';

/** Where rollouts come from: a run on the page, or a file that was opened. */
export type RolloutOrigin =
  | { readonly kind: 'run'; readonly source: RunView['source']; readonly recipe: Recipe }
  | { readonly kind: 'file'; readonly file: ImportedFile };

/** Rollouts of one question that were drawn together. */
export interface RolloutGroup {
  readonly key: string;
  readonly origin: RolloutOrigin;
  readonly question: Pick<Question, 'id' | 'text' | 'golds' | 'chain'>;
  readonly update?: number;
  /** Index in its batch, or in its file. */
  readonly index: number;
  readonly entries: readonly RolloutEntry[];
  /** Of what each rollout earned; absent where none is told. */
  readonly mean?: number;
  readonly std?: number;
}

/** A rollout with its place. */
export interface RolloutEntry {
  /** `update.group.rollout` in a run, `group.rollout` in a file. */
  readonly key: string;
  readonly trace: Trace;
  readonly group: RolloutGroup;
  readonly place: number;
}

type Parts = Pick<AppState, 'lab' | 'recorded' | 'source' | 'files' | 'listed' | 'filter' | 'order'>;

/** All of a recorded run, whether or not its playing has come so far. */
function wholeRun(state: AppState): RunView | undefined {
  const { recorded, lab } = state;
  const whole =
    recorded.status === 'ready'
      ? { ...recorded, shown: recorded.run.steps.length, playing: false }
      : recorded;
  return runView({ lab, recorded: whole }, shownSource(state));
}

function withEntries(
  group: Omit<RolloutGroup, 'entries'>,
  traces: readonly Trace[],
  keyOf: (place: number) => string,
): RolloutGroup {
  const entries: RolloutEntry[] = [];
  const whole: RolloutGroup = { ...group, entries };
  traces.forEach((trace, place) => entries.push({ key: keyOf(place), trace, group: whole, place }));
  return whole;
}

const known = new WeakMap<readonly GroupResult[], readonly RolloutGroup[]>();

/** An update's groups, made into entries once: they stay the same objects while the run goes on. */
function groupsOfUpdate(origin: RolloutOrigin, update: number, groups: readonly GroupResult[]) {
  const before = known.get(groups);
  if (before !== undefined) return before;
  const made = groups.map(({ group, question, traces, meanReward, stdReward }) => {
    const key = `${update}.${group}`;
    const head = { key, origin, question, update, index: group, mean: meanReward, std: stdReward };
    return withEntries(head, traces, (place) => `${key}.${place}`);
  });
  known.set(groups, made);
  return made;
}

const ofFiles = new WeakMap<ImportedFile, readonly RolloutGroup[]>();

function groupsOfFile(file: ImportedFile): readonly RolloutGroup[] {
  const before = ofFiles.get(file);
  if (before !== undefined) return before;
  const made = file.groups.map(({ traces, mean, std }, index) => {
    const [first] = traces;
    const { id = '', text = '', golds = [] } = first?.question ?? {};
    const head: Omit<RolloutGroup, 'entries'> = {
      key: String(index),
      origin: { kind: 'file', file },
      question: { id, text, golds },
      index,
      ...(first?.step === undefined ? {} : { update: first.step }),
      ...(mean === undefined ? {} : { mean }),
      ...(std === undefined ? {} : { std }),
    };
    return withEntries(head, traces, (place) => `${index}.${place}`);
  });
  ofFiles.set(file, made);
  return made;
}

function allGroups(state: AppState): readonly RolloutGroup[] {
  if (state.listed !== 'run') {
    const file = state.files.find(({ id }) => id === state.listed);
    return file === undefined ? [] : groupsOfFile(file);
  }
  const run = wholeRun(state);
  if (run === undefined) return [];
  const origin = { kind: 'run', source: run.source, recipe: run.recipe } as const;
  // The newest update first: that is what is being looked for while a run goes on.
  return [...run.kept].reverse().flatMap(({ step, groups }) => groupsOfUpdate(origin, step, groups));
}

export interface RolloutList {
  /** All of the run or file. */
  readonly all: readonly RolloutEntry[];
  /** Those that the filter lets through, sorted. */
  readonly shown: readonly RolloutEntry[];
}

let last:
  { readonly parts: Parts; readonly list: RolloutList; readonly groups: readonly RolloutGroup[] } | undefined;

const sameParts = (a: Parts, b: AppState): boolean =>
  a.recorded === b.recorded &&
  a.source === b.source &&
  a.files === b.files &&
  a.listed === b.listed &&
  a.lab.kept === b.lab.kept &&
  a.lab.recipe === b.lab.recipe &&
  a.lab.evaluations === b.lab.evaluations &&
  a.lab.run === b.lab.run;

/** The rollouts to list now; the same object until something of it changes. */
export function rolloutList(state: AppState): RolloutList {
  const same = last !== undefined && sameParts(last.parts, state);
  if (last !== undefined && same && last.parts.filter === state.filter && last.parts.order === state.order)
    return last.list;
  const groups = last !== undefined && same ? last.groups : allGroups(state);
  const all = last !== undefined && same ? last.list.all : groups.flatMap(({ entries }) => entries);
  const { lab, recorded, source, files, listed, filter, order } = state;
  const list = { all, shown: narrowed(all, filter, order) };
  last = {
    parts: { lab, recorded, files, listed, filter, order, ...(source === undefined ? {} : { source }) },
    list,
    groups,
  };
  return list;
}

const narrowed = (all: readonly RolloutEntry[], filter: RolloutFilter, order: RolloutOrder) =>
  sorted(filtered(all, filter), order);

/** Key of the rollout that is open; undefined while the list is all there is. */
export function openKey(state: Pick<AppState, 'listed' | 'openInFile' | 'open' | 'step'>, newest?: number) {
  if (state.listed !== 'run') return state.openInFile;
  const step = state.step ?? newest;
  if (state.open === undefined || step === undefined) return undefined;
  return `${step}.${state.open.group}.${state.open.rollout}`;
}

/** The rollout that is open. */
export function openEntry(state: AppState): RolloutEntry | undefined {
  const { all } = rolloutList(state);
  const key = openKey(state, all[0]?.group.update);
  return key === undefined ? undefined : all.find((entry) => entry.key === key);
}

/** Opens a rollout of the list, or (undefined) none. What was picked in the last one is let go. */
export function openRollout(state: AppState, entry: RolloutEntry | undefined): void {
  const { setView, setRollouts } = state;
  setRollouts({
    token: undefined,
    beside: undefined,
    ...(state.listed === 'run' ? {} : { openInFile: entry?.key }),
    ...(entry === undefined ? {} : { cursor: entry.key }),
  });
  if (state.listed !== 'run') return;
  if (entry === undefined) setView({ open: undefined });
  else setView({ step: entry.group.update, open: { group: entry.group.index, rollout: entry.place } });
}

/** The rollout `by` places further in the list, from the open or marked one; the first where none is. */
export function neighbour(state: AppState, by: number): RolloutEntry | undefined {
  const { shown, all } = rolloutList(state);
  const key = openKey(state, all[0]?.group.update) ?? state.cursor;
  const at = shown.findIndex((entry) => entry.key === key);
  return at < 0 ? shown[0] : shown[at + by];
}
