import type { BackendKind } from '../../engine/backend.ts';
import { variantNames, type VariantName } from '../../grpo/variants/variants.ts';
import { isPresetName, presets, type PresetName } from '../../lab/presets.ts';
import type { Recipe } from '../../lab/recipe.ts';
import { behaviourNames, type Behaviour } from '../../traces/trace.ts';
import { partNames, type PartName } from './parts.ts';
import { phases, type Phase } from './updateRecord.ts';
import {
  decodeRollouts,
  encodeRollouts,
  rolloutLinkNames,
  usualRollouts,
  type LinkedRollouts,
  type Reader,
} from './rolloutLink.ts';
import { changesFromPreset, recipeFields, withFields, type FieldValue } from './recipeFields.ts';
import { decodeTable, encodeTable, tableNames, usualTable, type TableChoice } from './tableChoice.ts';

export type BackendChoice = BackendKind | 'auto';
/** Own passages stay in the tab, so a link cannot name them. */
export type LinkedCorpus = 'generated' | 'countries';

/** What a link carries beside the view: enough to see what its sender saw, and to run it again. */
export interface LinkState {
  readonly preset: PresetName;
  readonly recipe: Recipe;
  readonly backend: BackendChoice;
  readonly corpus: LinkedCorpus;
  /** Question in the box of Play; absent: the shown example. */
  readonly question?: string;
  readonly temperature: number;
  /** Seed of Play's draws. */
  readonly dice: number;
  /** Update on the screen; absent: the newest. */
  readonly step?: number;
  /** Rollout opened, as group and place in it. */
  readonly open?: { readonly group: number; readonly rollout: number };
  /** The rollout is of a run in its sender's tab: whoever opens the link has to train it first. */
  readonly ofLiveRun?: true;
  /** Phase of the update on the screen, and the variant it is weighed by, where that is not its own. */
  readonly phase?: Phase;
  readonly shownVariant?: VariantName;
  /** Curves beside the four that always stand. */
  readonly curves: readonly string[];
  /** Behaviour looked at. */
  readonly behaviour: Behaviour;
  /** Search in Corpus; empty: none. */
  readonly find: string;
  /** Passage chosen in Corpus, by its id. */
  readonly passage?: string;
  /** Parts taken out of the page. */
  readonly hidden: readonly PartName[];
  readonly table: TableChoice;
  readonly rollouts: LinkedRollouts;
  /** A model for web-llm: its name in web-llm's list, or a whole record as JSON. */
  readonly webllm?: string;
}

export const linkVersion = '1';
const longestQuestion = 500;
const longestRecord = 4000;

const usual: LinkState = {
  preset: 'quick',
  recipe: presets.quick,
  backend: 'auto',
  corpus: 'generated',
  temperature: 1,
  dice: 1,
  curves: [],
  behaviour: 'self-correction',
  hidden: [],
  table: usualTable,
  find: '',
  rollouts: usualRollouts,
};

/** The query part of the address: a version, and only what differs from the defaults. */
export function encodeLink(state: LinkState): string {
  const query = new URLSearchParams();
  if (state.preset !== usual.preset) query.set('preset', state.preset);
  for (const [name, value] of Object.entries(changesFromPreset(state.preset, state.recipe))) {
    query.set(name, String(value));
  }
  if (state.backend !== usual.backend) query.set('backend', state.backend);
  if (state.corpus !== usual.corpus) query.set('corpus', state.corpus);
  if (state.question !== undefined && state.question !== '')
    query.set('q', state.question.slice(0, longestQuestion));
  if (state.temperature !== usual.temperature) query.set('temperature', String(state.temperature));
  if (state.dice !== usual.dice) query.set('dice', String(state.dice));
  if (state.step !== undefined) query.set('step', String(state.step));
  if (state.open !== undefined) query.set('open', `${state.open.group}.${state.open.rollout}`);
  if (state.ofLiveRun === true) query.set('run', 'live');
  if (state.phase !== undefined) query.set('phase', state.phase);
  if (state.shownVariant !== undefined) query.set('weighed', state.shownVariant);
  if (state.curves.length > 0) query.set('curves', state.curves.join('.'));
  if (state.behaviour !== usual.behaviour) query.set('behaviour', behaviourSlug(state.behaviour));
  if (state.find !== '') query.set('find', state.find.slice(0, longestQuestion));
  if (state.passage !== undefined) query.set('passage', state.passage);
  if (state.hidden.length > 0) query.set('hide', state.hidden.join('.'));
  encodeTable(query, state.table);
  encodeRollouts(query, state.rollouts);
  if (state.webllm !== undefined && state.webllm.length <= longestRecord) query.set('webllm', state.webllm);
  const text = query.toString();
  return text === '' ? '' : `v=${linkVersion}&${text}`;
}

/**
 * The state a link names; what it does not name has its default. A wrong value changes nothing: it stays as it stands
 * and is named in `problems`; one wrong field of the recipe leaves the whole recipe, a foreign version leaves all.
 * @param standing what the page shows now
 */
export function decodeLink(
  search: string,
  standing: LinkState = usual,
): { state: LinkState; problems: readonly string[] } {
  const query = new URLSearchParams(search);
  if ([...query.keys()].length === 0) return { state: usual, problems: [] };
  const version = query.get('v');
  if (version !== linkVersion) {
    return {
      state: standing,
      problems: [`The link is of version ${version ?? 'none'}; this page reads version ${linkVersion}.`],
    };
  }
  const problems: string[] = [];
  /** The value under a name, read; `absent` where there is none, `stands` where it cannot be read. */
  const read = <T>(name: string, absent: T, stands: T, reader: Reader<T>): T => {
    const text = query.get(name);
    if (text === null) return absent;
    const result = reader.read(text);
    if (result !== undefined) return result;
    problems.push(`The link's ${name} is “${text}”; it ${reader.has}.`);
    return stands;
  };
  const { preset, recipe } = linkedRecipe(query, standing, problems);
  const question = query.get('q');
  const passage = query.get('passage');
  const step = read('step', undefined, standing.step, wholeNumber);
  const open = read('open', undefined, standing.open, openRollout);
  const run = read('run', undefined, standing.ofLiveRun && 'live', oneOf(['live']));
  const phase = read('phase', undefined, standing.phase, oneOf(phases));
  const webllm = read('webllm', undefined, standing.webllm, modelRecord);
  const shownVariant = read('weighed', undefined, standing.shownVariant, oneOf(variantNames));
  const state: LinkState = {
    preset,
    recipe,
    backend: read('backend', usual.backend, standing.backend, oneOf(['auto', 'wasm', 'webgpu'])),
    corpus: read('corpus', usual.corpus, standing.corpus, oneOf(['generated', 'countries'])),
    temperature: read('temperature', usual.temperature, standing.temperature, temperature),
    dice: read('dice', usual.dice, standing.dice, wholeNumber),
    curves: (query.get('curves') ?? '').split('.').filter((name) => name !== ''),
    behaviour: read('behaviour', usual.behaviour, standing.behaviour, behaviour),
    find: (query.get('find') ?? '').slice(0, longestQuestion),
    hidden: read('hide', usual.hidden, standing.hidden, partList),
    table: decodeTable(read, standing.table),
    rollouts: decodeRollouts(read, standing.rollouts),
    ...(question === null || question === '' ? {} : { question: question.slice(0, longestQuestion) }),
    ...(step === undefined ? {} : { step }),
    ...(open === undefined ? {} : { open }),
    ...(run === undefined ? {} : { ofLiveRun: true }),
    ...(phase === undefined ? {} : { phase }),
    ...(shownVariant === undefined ? {} : { shownVariant }),
    ...(passage === null || passage === '' ? {} : { passage }),
    ...(webllm === undefined ? {} : { webllm }),
  };
  return { state, problems };
}

const otherNames = new Set([
  'v',
  'preset',
  'backend',
  'corpus',
  'q',
  'temperature',
  'dice',
  'step',
  'open',
  'run',
  'curves',
  'phase',
  'weighed',
  'behaviour',
  'hide',
  ...tableNames,
  'find',
  'passage',
  'webllm',
  ...rolloutLinkNames,
]);

function linkedRecipe(
  query: URLSearchParams,
  standing: LinkState,
  problems: string[],
): Pick<LinkState, 'preset' | 'recipe'> {
  const preset = query.get('preset') ?? usual.preset;
  if (!isPresetName(preset)) {
    problems.push(
      `The link's recipe was not taken: preset is “${preset}”; it can be ${Object.keys(presets).join(', ')}.`,
    );
    return standing;
  }
  const known = recipeFields(presets[preset]);
  const changes: Record<string, FieldValue> = {};
  for (const [name, text] of query) {
    if (!otherNames.has(name)) changes[name] = readValue(text, known[name]);
  }
  const result = withFields(presets[preset], changes, "The link's recipe was not taken", preset);
  if (result.ok) return { preset, recipe: result.recipe };
  problems.push(result.message);
  return standing;
}

/** Text read as the type that the preset's value has; left as text where it cannot be, for the schema to refuse. */
function readValue(text: string, like: FieldValue | undefined): FieldValue {
  if (typeof like === 'number' && text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text);
  if (typeof like === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

const oneOf = <T extends string>(allowed: readonly T[]): Reader<T> => ({
  read: (text) => allowed.find((value) => value === text),
  has: `can be ${allowed.join(', ')}`,
});

/** A behaviour's name as it stands in a link: `bridge-found`. */
const behaviourSlug = (name: Behaviour): string => name.replaceAll(' ', '-');

const behaviour: Reader<Behaviour> = {
  read: (text) => behaviourNames.find((name) => behaviourSlug(name) === text),
  has: `can be ${behaviourNames.map(behaviourSlug).join(', ')}`,
};

/** Its fields are checked where it is shown. */
const modelRecord: Reader<string> = {
  read: (text) => (text !== '' && text.length <= longestRecord ? text : undefined),
  has: `has to be a model’s name or record of at most ${longestRecord} letters`,
};

const wholeNumber: Reader<number> = {
  read: (text) => (/^\d{1,10}$/.test(text) && Number(text) <= 0x7fffffff ? Number(text) : undefined),
  has: 'has to be a whole number from 0 to 2147483647',
};

const temperature: Reader<number> = {
  read: (text) => (text.trim() !== '' && Number(text) >= 0 && Number(text) <= 5 ? Number(text) : undefined),
  has: 'has to be a number from 0 to 5',
};

const partList: Reader<readonly PartName[]> = {
  read: (text) => {
    const names = text.split('.').map((name) => partNames.find((part) => part === name));
    return names.includes(undefined) ? undefined : names.filter((name) => name !== undefined);
  },
  has: `can be ${partNames.join(', ')}, with dots between`,
};

const openRollout: Reader<NonNullable<LinkState['open']>> = {
  read: (text) => {
    const match = /^(\d{1,5})\.(\d{1,5})$/.exec(text);
    return match === null ? undefined : { group: Number(match[1]), rollout: Number(match[2]) };
  },
  has: 'has to be like 3.5 (group, rollout)',
};
