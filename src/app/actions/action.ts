/** What an action is, and what actions of several views share. */
import type { ViewLabel } from '../routing/views.ts';
import type { AppState } from '../store/appState.ts';
import type { PartName } from '../store/parts.ts';
import { keptAt, runView, shownSource } from '../store/runView.ts';
import { useApp } from '../store/store.ts';

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

export const state = (): AppState => useApp.getState();
export const view = (change: Parameters<AppState['setView']>[0]): void => state().setView(change);

/** Whether a run, or an update of its own, can begin or go on. */
export const startable = ({ lab }: AppState): boolean => !['running', 'pausing', 'loading'].includes(lab.run);

/** To another update of the run shown. */
export function moveStep(by: number): void {
  const now = state();
  const run = runView(now, shownSource(now));
  const kept = run?.kept ?? [];
  const at = kept.findIndex((update) => update.step === keptAt(kept, now.step)?.step);
  const next = kept[at + by];
  if (next !== undefined) view({ step: next.step === kept.at(-1)?.step ? undefined : next.step });
}
