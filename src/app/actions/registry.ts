/** Everything a visitor can do: its button, its key, its line in the palette and in the list of keys. */
import { isPresetName, presets } from '../../lab/presets.ts';
import { goTo, hashPath } from '../routing/hashLocation.ts';
import { viewAt, views } from '../routing/views.ts';
import { isViewHidden } from '../store/parts.ts';
import { state, type Action } from './action.ts';
import { behaviourActions } from './behaviourActions.ts';
import { corpusActions } from './corpusActions.ts';
import { evaluateActions } from './evaluateActions.ts';
import { everywhereActions } from './everywhereActions.ts';
import { playActions } from './playActions.ts';
import { rolloutActions } from './rolloutActions.ts';
import { trainActions } from './trainActions.ts';
import { updateActions } from './updateActions.ts';

export const actions = {
  ...everywhereActions,
  ...playActions,
  ...corpusActions,
  ...trainActions,
  ...updateActions,
  ...behaviourActions,
  ...evaluateActions,
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
    label: `Use the recipe “${name}”`,
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
