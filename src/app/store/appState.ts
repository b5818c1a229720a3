import type { PresetName } from '../../lab/presets.ts';
import type { PolicyChoice, RecordedRun } from '../../lab/protocol.ts';
import type { KeepEvent } from '../../lab/keeping/keepProtocol.ts';
import type { Recipe } from '../../lab/recipe.ts';
import type { Passage } from '../../retrieval/retriever.ts';
import type { Behaviour } from '../../traces/trace.ts';
import type { OwnProblem } from '../../world/problems.ts';
import type { Question } from '../../world/types.ts';
import type { ThemeChoice } from '../theme/theme.ts';
import type { VariantName } from '../../grpo/variants/variants.ts';
import type { Fork } from './fork.ts';
import type { KeepingState } from './keepingState.ts';
import type { ImportedFile } from './importedFile.ts';
import type { LabInput, LabState } from './labState.ts';
import type { BackendChoice, LinkState } from './link.ts';
import type { PaceName } from './paces.ts';
import type { LearnedSlice } from './learnedState.ts';
import type { ModelsSlice } from './modelsState.ts';
import type { PartName } from './parts.ts';
import type { LinkedRollouts } from './rolloutLink.ts';
import type { Recorded } from './recordedState.ts';
import type { StoredRun } from './storedRun.ts';
import type { Phase } from './updateRecord.ts';
import type { TableChoice } from './tableChoice.ts';

export type CorpusKind = 'generated' | 'countries' | 'own' | 'kept';

/** What colours the tokens: nothing, or one of the measures that a trace can hold of each. */
export type TokenColour = 'none' | 'surprise' | 'entropy' | 'push' | 'ratio' | 'clipped' | 'kl';

/** An index of a kept corpus. */
export interface ChosenIndex {
  readonly corpus: string;
  readonly model: string;
}

/** What a visitor brought to search in, and to ask. */
export interface OwnCorpus {
  readonly name: string;
  readonly passages: readonly Passage[];
  readonly questions: readonly Question[];
  /** What was left out of it. */
  readonly problems: readonly OwnProblem[];
}

/** One asking of both policies: the ids of the two `play` requests. */
export interface Asked {
  readonly question: Question;
  readonly baseId: number;
  readonly otherId: number;
  readonly other: PolicyChoice;
  /** Update of the live run that `current` had when it was asked. */
  readonly step?: number;
  /** The model of web-llm's that was asked beside them. */
  readonly webllm?: { readonly id: number; readonly model: string };
}

export interface KeepingSlice {
  readonly keeping: KeepingState;
  readonly tellKeeping: (event: KeepEvent) => void;
}

export interface LabSlice {
  readonly lab: LabState;
  readonly tell: (input: LabInput) => void;
}

export interface RecordedSlice {
  readonly recorded: Recorded;
  readonly setRecorded: (recorded: Recorded) => void;
  readonly recordedArrived: (run: RecordedRun, atOnce: boolean) => void;
  readonly advanceRecording: () => void;
  readonly replayRecording: () => void;
}

export interface RecipeSlice {
  readonly preset: PresetName;
  readonly recipe: Recipe;
  readonly backend: BackendChoice;
  readonly takePreset: (preset: PresetName) => void;
  readonly takeRecipe: (recipe: Recipe) => void;
  readonly takeBackend: (backend: BackendChoice) => void;
}

export interface PlaySlice {
  readonly corpus: CorpusKind;
  readonly own?: OwnCorpus;
  /** The kept corpus that is searched, by the index of one model. */
  readonly kept?: ChosenIndex;
  /** Id of the corpus asked for last; the worker's answer carries it. */
  readonly corpusId?: number;
  readonly questionText: string;
  /** The question of the corpus that the text was taken from, while the text is unchanged. */
  readonly picked?: Question;
  readonly temperature: number;
  readonly dice: number;
  readonly asked?: Asked;
  /** Which recorded pair stands there before anything is asked. */
  readonly pair: number;
  readonly goldMarked: boolean;
  readonly setPlay: (change: PlayChange) => void;
}

/** Fields that can be absent are set to `undefined` to clear them. */
export type PlayChange = {
  readonly [K in keyof Omit<PlaySlice, 'setPlay'>]?: PlaySlice[K] | undefined;
};

export interface ViewSlice {
  readonly theme: ThemeChoice;
  readonly singleKeys: boolean;
  readonly dialog: 'none' | 'shortcuts' | 'recipe' | 'palette' | 'hide';
  /** Which run Train shows; absent: live once there is one, else the recorded one. */
  readonly source?: 'recorded' | 'live';
  /** A link opened a rollout of a run that has still to be trained in this tab. */
  readonly awaitsLive?: true;
  /** Update shown; absent: the newest. */
  readonly step?: number;
  readonly open?: { readonly group: number; readonly rollout: number };
  readonly curves: readonly string[];
  /** First and last update that the curves show; absent: the whole run. */
  readonly zoom?: readonly [number, number];
  /** Phase of the update on the screen; absent: the newest told, or the first of a whole record. */
  readonly phase?: Phase;
  /** Variant by which the update is weighed on the screen; absent: its own. */
  readonly shownVariant?: VariantName;
  /** How fast the run of this tab writes. */
  readonly pace: PaceName;
  /** Updates go by slowly, phase after phase. */
  readonly slow: boolean;
  /** Behaviour looked at. */
  readonly behaviour: Behaviour;
  readonly tokenColour: TokenColour;
  /** What is searched for in Corpus; empty: nothing. */
  readonly find: string;
  /** What Corpus shows on its map; absent: a search where there is one, else a question's path. */
  readonly onMap?: 'path' | 'find';
  /** Passage chosen in Corpus, by its id. */
  readonly passage?: string;
  /** The model chosen for web-llm: its name in web-llm's list, or a record as JSON. */
  readonly webllm?: string;
  readonly linkProblems: readonly string[];
  /** Parts that a teacher's link has taken out of the page. */
  readonly hidden: readonly PartName[];
  /** What Evaluate is set to. */
  readonly table: TableChoice;
  readonly setView: (change: ViewChange) => void;
}

export type ViewChange = {
  readonly [K in keyof Omit<ViewSlice, 'setView'>]?: ViewSlice[K] | undefined;
};

/** Something that was replaced or thrown away, and can be had back. */
export interface Undo {
  /** What happened, as a sentence. */
  readonly label: string;
  readonly perform: () => void;
}

export interface UndoSlice {
  readonly undo?: Undo | undefined;
  /** The last destructive act, until another takes its place; undefined: none. */
  readonly offerUndo: (undo: Undo | undefined) => void;
}
/** The list of rollouts, and the one that is being read. Which of a run is open, `step` and `open` say. */
export interface RolloutsSlice extends LinkedRollouts {
  readonly files: readonly ImportedFile[];
  /** The run's rollouts, or those of a file by its id. */
  readonly listed: 'run' | number;
  /** Key of the rollout that is open where a file is listed. */
  readonly openInFile?: string;
  /** Why the file that was opened last could not be read. */
  readonly importProblem?: string;
  /** Key of the rollout that the keys have come to. */
  readonly cursor?: string;
  /** Ids of the questions what else could stand at a token, by what they ask. */
  readonly tokenQuestions: Readonly<Record<string, number>>;
  /** Forks made in this tab, the newest last. */
  readonly forks: readonly Fork[];
  readonly setRollouts: (change: RolloutsChange) => void;
}

export type RolloutsChange = {
  readonly [K in keyof Omit<RolloutsSlice, 'setRollouts'>]?: RolloutsSlice[K] | undefined;
};

/** What the service worker keeps, and whether it holds a newer version of the page. */
export interface Offline {
  readonly kept: 'nothing' | 'shell' | 'all';
  readonly newVersion: boolean;
  /** Bytes, while everything is being fetched. */
  readonly progress?: { readonly done: number; readonly total: number } | undefined;
  readonly problem?: string | undefined;
}

export interface OfflineSlice {
  readonly offline: Offline;
  readonly setOffline: (change: Partial<Offline>) => void;
}

/** Runs kept in the browser, and which of them stand on the screen. */
export interface KeptRuns {
  /** The newest first. */
  readonly list: readonly StoredRun[];
  /** Id under which the run of this tab is kept; absent before it is. */
  readonly current?: string;
  /** Ids of those laid over the curves. */
  readonly overlaid: readonly string[];
  /** What went wrong with keeping them. */
  readonly problem?: string;
}

export interface RunsSlice {
  readonly runs: KeptRuns;
  readonly setRuns: (change: { readonly [K in keyof KeptRuns]?: KeptRuns[K] | undefined }) => void;
}

export interface LinkSlice {
  /** Takes a link's state over; what is wrong in it is told, not guessed. */
  readonly takeLink: (link: LinkState, problems: readonly string[]) => void;
}

export type AppState = LabSlice &
  KeepingSlice &
  RecordedSlice &
  RecipeSlice &
  PlaySlice &
  ViewSlice &
  RolloutsSlice &
  UndoSlice &
  OfflineSlice &
  RunsSlice &
  ModelsSlice &
  LearnedSlice &
  LinkSlice;
