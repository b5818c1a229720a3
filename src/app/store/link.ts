import type { BackendKind } from '../../engine/backend.ts';
import { isPresetName, presets, type PresetName } from '../../lab/presets.ts';
import type { Recipe } from '../../lab/recipe.ts';
import { recipeChanges, recipeFields, withFields, type FieldValue } from './recipeFields.ts';

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
  /** Curves beside the four that always stand. */
  readonly curves: readonly string[];
}

export const linkVersion = '1';
const longestQuestion = 500;

const usual: LinkState = {
  preset: 'quick',
  recipe: presets.quick,
  backend: 'auto',
  corpus: 'generated',
  temperature: 1,
  dice: 1,
  curves: [],
};

/** The query part of the address: a version, and only what differs from the defaults. */
export function encodeLink(state: LinkState): string {
  const query = new URLSearchParams();
  if (state.preset !== usual.preset) query.set('preset', state.preset);
  for (const [name, value] of Object.entries(recipeChanges(presets[state.preset], state.recipe))) {
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
  if (state.curves.length > 0) query.set('curves', state.curves.join('.'));
  const text = query.toString();
  return text === '' ? '' : `v=${linkVersion}&${text}`;
}

/**
 * The state a link names. A wrong value changes nothing: it is left at its default and named in `problems`;
 * one wrong field of the recipe leaves the whole recipe at its preset.
 */
export function decodeLink(search: string): { state: LinkState; problems: readonly string[] } {
  const query = new URLSearchParams(search);
  const problems: string[] = [];
  if ([...query.keys()].length === 0) return { state: usual, problems };
  const version = query.get('v');
  if (version !== linkVersion) {
    return {
      state: usual,
      problems: [`The link is of version ${version ?? 'none'}; this page reads version ${linkVersion}.`],
    };
  }
  const preset = oneOf(query, 'preset', Object.keys(presets).filter(isPresetName), problems) ?? usual.preset;
  const whole = (name: string): number | undefined => wholeNumber(query, name, problems);
  const question = query.get('q');
  const step = whole('step');
  const open = openRollout(query, problems);
  const state: LinkState = {
    preset,
    recipe: linkedRecipe(query, preset, problems),
    backend: oneOf(query, 'backend', ['auto', 'wasm', 'webgpu'] as const, problems) ?? usual.backend,
    corpus: oneOf(query, 'corpus', ['generated', 'countries'] as const, problems) ?? usual.corpus,
    temperature: temperatureOf(query, problems) ?? usual.temperature,
    dice: whole('dice') ?? usual.dice,
    curves: (query.get('curves') ?? '').split('.').filter((name) => name !== ''),
    ...(question === null || question === '' ? {} : { question: question.slice(0, longestQuestion) }),
    ...(step === undefined ? {} : { step }),
    ...(open === undefined ? {} : { open }),
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
  'curves',
]);

function linkedRecipe(query: URLSearchParams, preset: PresetName, problems: string[]): Recipe {
  const known = recipeFields(presets[preset]);
  const changes: Record<string, FieldValue> = {};
  for (const [name, text] of query) {
    if (!otherNames.has(name)) changes[name] = readValue(text, known[name]);
  }
  const result = withFields(presets[preset], changes, "The link's recipe was not taken", preset);
  if (result.ok) return result.recipe;
  problems.push(result.message);
  return presets[preset];
}

/** Text read as the type that the preset's value has; left as text where it cannot be, for the schema to refuse. */
function readValue(text: string, like: FieldValue | undefined): FieldValue {
  if (typeof like === 'number' && text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text);
  if (typeof like === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function oneOf<T extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly T[],
  problems: string[],
): T | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const found = allowed.find((value) => value === text);
  if (found === undefined) problems.push(`The link's ${name} is “${text}”; it can be ${allowed.join(', ')}.`);
  return found;
}

function wholeNumber(query: URLSearchParams, name: string, problems: string[]): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d{1,10}$/.test(text) && Number(text) <= 0x7fffffff) return Number(text);
  problems.push(`The link's ${name} is “${text}”; it has to be a whole number from 0 to 2147483647.`);
  return undefined;
}

function temperatureOf(query: URLSearchParams, problems: string[]): number | undefined {
  const text = query.get('temperature');
  if (text === null) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 5) return value;
  problems.push(`The link's temperature is “${text}”; it has to be a number from 0 to 5.`);
  return undefined;
}

function openRollout(
  query: URLSearchParams,
  problems: string[],
): { group: number; rollout: number } | undefined {
  const text = query.get('open');
  if (text === null) return undefined;
  const match = /^(\d{1,5})\.(\d{1,5})$/.exec(text);
  if (match !== null) return { group: Number(match[1]), rollout: Number(match[2]) };
  problems.push(`The link's open rollout is “${text}”; it has to be like 3.5 (group, rollout).`);
  return undefined;
}
