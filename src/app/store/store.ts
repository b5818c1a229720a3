import { create } from 'zustand';
import { presets, type PresetName } from '../../lab/presets.ts';
import { applyTheme, storedTheme } from '../theme/theme.ts';
import type {
  AppState,
  KeptRuns,
  PlaySlice,
  RecipeSlice,
  RecordedSlice,
  RolloutsSlice,
  ViewSlice,
} from './appState.ts';
import { noKeeping, reduceKeeping } from './keepingState.ts';
import type { LearnedState } from './learnedState.ts';
import { emptyLab } from './labState.ts';
import { reduceLab } from './reduceLab.ts';
import { sameRecipe } from './recipeFields.ts';
import { usualTable } from './tableChoice.ts';
import { usualRollouts } from './rolloutLink.ts';
import { advanceRecorded, replayRecorded, startRecorded } from './recordedState.ts';

type Set = (change: (state: AppState) => Partial<AppState>) => void;

const recordedSlice = (set: Set): RecordedSlice => ({
  recorded: { status: 'unread' },
  setRecorded: (recorded) => set(() => ({ recorded })),
  recordedArrived: (run, atOnce) => set(() => ({ recorded: startRecorded(run, atOnce) })),
  advanceRecording: () => set((state) => ({ recorded: advanceRecorded(state.recorded) })),
  replayRecording: () => set((state) => ({ recorded: replayRecorded(state.recorded), ...without('step') })),
});

const recipeSlice = (set: Set): RecipeSlice => ({
  preset: 'quick',
  recipe: presets.quick,
  backend: 'auto',
  takePreset: (preset) => set((state) => withPreset(set, state, preset)),
  takeRecipe: (recipe) => set(() => ({ recipe })),
  takeBackend: (backend) => set(() => ({ backend })),
});

/** A preset in the place of the recipe; dials that were turned by hand can be had back. */
function withPreset(set: Set, before: AppState, preset: PresetName): Partial<AppState> {
  const { preset: old, recipe } = before;
  const taken = { preset, recipe: presets[preset] };
  if (sameRecipe(recipe, presets[old])) return taken;
  const perform = (): void => set(() => ({ preset: old, recipe }));
  return { ...taken, undo: { label: `The recipe is the preset “${preset}” again.`, perform } };
}

const playSlice = (set: Set): PlaySlice => ({
  corpus: 'generated',
  questionText: '',
  temperature: 1,
  dice: 1,
  pair: 0,
  goldMarked: false,
  setPlay: (change) => set(() => change as Partial<PlaySlice>),
});

const viewSlice = (set: Set): ViewSlice => ({
  theme: storedTheme(),
  singleKeys: true,
  dialog: 'none',
  curves: [],
  pace: 'full',
  slow: false,
  behaviour: 'self-correction',
  tokenColour: 'none',
  find: '',
  linkProblems: [],
  hidden: [],
  table: usualTable,
  setView: (change) => {
    if (change.theme !== undefined) applyTheme(change.theme);
    set(() => change as Partial<ViewSlice>);
  },
});

const rolloutsSlice = (set: Set): RolloutsSlice => ({
  ...usualRollouts,
  files: [],
  listed: 'run',
  forks: [],
  tokenQuestions: {},
  setRollouts: (change) => set(() => change as Partial<RolloutsSlice>),
});

/** `undefined` under a name that can be absent: zustand merges, so this is how a field is cleared. */
function without(
  ...names: readonly (
    | 'step'
    | 'open'
    | 'source'
    | 'phase'
    | 'shownVariant'
    | 'passage'
    | 'token'
    | 'beside'
    | 'webllm'
    | 'awaitsLive'
  )[]
): Partial<AppState> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** The page's one store; a slice a concern. Only what a person can see or link to is kept here. */
export const useApp = create<AppState>()((set) => ({
  lab: emptyLab,
  tell: (input) => set((state) => ({ lab: reduceLab(state.lab, input) })),
  keeping: noKeeping,
  tellKeeping: (event) => set((state) => ({ keeping: reduceKeeping(state.keeping, event) })),
  ...recordedSlice(set),
  ...recipeSlice(set),
  ...playSlice(set),
  ...viewSlice(set),
  runs: { list: [], overlaid: [] },
  setRuns: (change) => set(({ runs }) => ({ runs: { ...runs, ...change } as KeptRuns })),
  learned: {},
  setLearned: (change) => set(({ learned }) => ({ learned: { ...learned, ...change } as LearnedState })),
  models: {},
  setModels: (models) => set(() => ({ models })),
  offerUndo: (undo) => set(() => ({ undo })),
  offline: { kept: 'nothing', newVersion: false },
  setOffline: (change) => set(({ offline }) => ({ offline: { ...offline, ...change } })),
  ...rolloutsSlice(set),
  takeLink: (link, linkProblems) =>
    set((state) => ({
      preset: link.preset,
      recipe: link.recipe,
      backend: link.backend,
      // A link cannot name own passages; it does not take them away from somebody who has some.
      corpus: state.corpus === 'own' || state.corpus === 'kept' ? state.corpus : link.corpus,
      ...(link.question === undefined ? {} : { questionText: link.question }),
      temperature: link.temperature,
      dice: link.dice,
      curves: link.curves,
      behaviour: link.behaviour,
      hidden: link.hidden,
      table: link.table,
      find: link.find,
      filter: link.rollouts.filter,
      order: link.rollouts.order,
      listed: 'run' as const,
      linkProblems,
      ...without(
        'step',
        'open',
        'phase',
        'shownVariant',
        'passage',
        'token',
        'beside',
        'webllm',
        'awaitsLive',
      ),
      ...(link.step === undefined ? {} : { step: link.step }),
      ...(link.open === undefined ? {} : { open: link.open }),
      ...(link.ofLiveRun === undefined ? {} : { awaitsLive: true as const, ...without('source') }),
      ...(link.phase === undefined ? {} : { phase: link.phase }),
      ...(link.shownVariant === undefined ? {} : { shownVariant: link.shownVariant }),
      ...(link.passage === undefined ? {} : { passage: link.passage }),
      ...(link.webllm === undefined ? {} : { webllm: link.webllm }),
      ...(link.rollouts.token === undefined ? {} : { token: link.rollouts.token }),
      ...(link.rollouts.beside === undefined ? {} : { beside: link.rollouts.beside }),
    })),
}));
