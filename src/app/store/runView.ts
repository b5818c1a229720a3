import type { Scores, StepMetrics } from '../../lab/protocol.ts';
import type { Recipe } from '../../lab/recipe.ts';
import type { AppState } from './appState.ts';
import { sameRecipe } from './recipeFields.ts';
import type { Evaluation, KeptUpdate, LabState } from './labState.ts';
import type { Recorded } from './recordedState.ts';

/** A run as the views show it, live or recorded alike. */
export interface RunView {
  readonly source: 'recorded' | 'live';
  readonly recipe: Recipe;
  readonly backend: string;
  /** The command that made a recorded run. */
  readonly command?: string;
  readonly steps: readonly StepMetrics[];
  readonly kept: readonly KeptUpdate[];
  readonly evaluations: readonly Evaluation[];
}

/** What a live run is made of. */
interface LiveParts extends Pick<LabState, 'steps' | 'kept' | 'evaluations'> {
  readonly recipe?: LabState['recipe'] | undefined;
  readonly info?: LabState['info'] | undefined;
}

export const hasLiveRun = (state: Pick<AppState, 'lab'>): boolean =>
  state.lab.steps.length > 0 || state.lab.evaluations.length > 0 || isBusy(state);

/** The worker is working on a run, or holds one. */
export const isBusy = ({ lab }: Pick<AppState, 'lab'>): boolean =>
  lab.run === 'running' || lab.run === 'pausing' || lab.run === 'paused';

/** There is a run in this tab, and the page's recipe is no longer the one that it runs. */
export const changedSinceLoad = (state: Pick<AppState, 'lab' | 'recipe' | 'backend' | 'learned'>): boolean =>
  (isBusy(state) || state.lab.run === 'done') && !hasPageRecipe(state);

/** The worker was last loaded with what the page's recipe says now. */
export const hasPageRecipe = ({
  lab,
  recipe,
  backend,
  learned,
}: Pick<AppState, 'lab' | 'recipe' | 'backend' | 'learned'>): boolean =>
  lab.backend === backend && lab.adapter === learned.adapter && sameRecipe(lab.recipe, recipe);

/** A link opened a rollout of a run that is not in this tab yet; until another is chosen, that one is waited for. */
export const awaitsLive = (state: Pick<AppState, 'awaitsLive' | 'open'>): boolean =>
  state.awaitsLive === true && state.open !== undefined;

/** Which run Train shows: the chosen one if it is there, else live before recorded. */
export function shownSource(state: AppState): 'recorded' | 'live' {
  if (state.source === 'recorded' && state.recorded.status === 'ready') return 'recorded';
  if (hasLiveRun(state) || awaitsLive(state)) return 'live';
  return state.recorded.status === 'ready' ? 'recorded' : 'live';
}

/** The run on the screen; undefined when there is none to show. A new object each call: memoise by its parts. */
export function runView(
  state: { readonly lab: LiveParts; readonly recorded: Recorded },
  source: 'recorded' | 'live',
): RunView | undefined {
  if (source === 'live') {
    const { lab } = state;
    if (lab.recipe === undefined) return undefined;
    return {
      source,
      recipe: lab.recipe,
      backend: lab.info?.backendLabel ?? '',
      steps: lab.steps,
      kept: lab.kept,
      evaluations: lab.evaluations,
    };
  }
  if (state.recorded.status !== 'ready') return undefined;
  const { run, shown } = state.recorded;
  const last = run.steps[shown - 1]?.step ?? -1;
  const complete = shown === run.steps.length;
  return {
    source,
    recipe: run.recipe,
    backend: run.backend,
    command: run.command,
    steps: run.steps.slice(0, shown),
    kept: run.groups.filter((kept) => kept.step <= last),
    evaluations: [
      { when: 'before', step: 0, scores: run.before },
      ...(complete ? [{ when: 'after' as const, step: last, scores: run.after }] : []),
    ],
  };
}

/** The scores that stand for a whole evaluation: the training shape's set, else the first there is. */
export function mainScores(scores: Readonly<Record<string, Scores>>): Scores | undefined {
  return scores['musique'] ?? Object.values(scores)[0];
}

/** The kept update to show: the one asked for, else the newest kept one at or before it. */
export function keptAt(kept: readonly KeptUpdate[], step: number | undefined): KeptUpdate | undefined {
  if (step === undefined) return kept.at(-1);
  return kept.findLast((update) => update.step <= step) ?? kept[0];
}
