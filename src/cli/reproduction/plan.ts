import { join } from 'node:path';
import { presets } from '../../lab/presets.ts';
import type { Recipe } from '../../lab/recipe.ts';
import { generatedSets } from '../../world/types.ts';
import { ablations, collapses } from './ablations.ts';

/** What the study is made of. */
export interface StudyOptions {
  /** Folder of what the tasks write; a task whose file is there is not run again. */
  readonly work: string;
  readonly backend: string;
  /** Seeds of the main runs, each with worlds of its own. */
  readonly seeds: readonly number[];
  /** Seeds of the ablations. */
  readonly ablationSeeds: readonly number[];
  /** Questions of each set. */
  readonly n: number;
  /** Pages of the worlds that are asked in. */
  readonly pages: number;
  /** A folder with files of the real sets, asked as they are; absent: none. */
  readonly samples?: readonly string[];
  /** Where the first seed's run and its collapse are recorded for the page, and its weights are kept; absent: nowhere. */
  readonly record?: { readonly run: string; readonly weights: string; readonly collapse: string };
}

/** One command of the study. */
export interface StudyTask {
  readonly name: string;
  /** What the terminal is given. */
  readonly argv: readonly string[];
  /** The JSON document that the command writes. */
  readonly output: string;
  /** A recipe to write before it runs. */
  readonly recipe?: { readonly file: string; readonly recipe: Recipe };
}

export const untrainedMethods = [
  'naive-generation',
  'naive-rag',
  'iter-retgen',
  'ircot',
  'research-untrained',
] as const;

/** Worlds that are asked in have seeds from here on, far from those that training worlds are derived from. */
const FIRST_TEST_WORLD = 700;

/** GRPO trains on questions of MuSiQue's shape alone, as in the paper. */
export const studyRecipe: Recipe = presets.study;

/** Files of one main seed. */
export const seedFiles = (work: string, seed: number) => ({
  train: join(work, `train-${String(seed)}.json`),
  weights: join(work, `trained-${String(seed)}.safetensors`),
  untrained: join(work, `untrained-${String(seed)}.json`),
  trained: join(work, `evaluate-${String(seed)}.json`),
});

export const variationFile = (work: string, name: string, seed: number): string =>
  join(work, `${name.replace(/[^a-z0-9]+/gi, '-')}-${String(seed)}.json`);

export const sampleFile = (work: string, file: string): string =>
  join(work, `sample-${file.replace(/[^a-z0-9]+/gi, '-')}.json`);

/** All tasks, those that others need first. */
export function studyTasks(options: StudyOptions): StudyTask[] {
  const { seeds, ablationSeeds, samples = [] } = options;
  return [
    ...seeds.flatMap((seed, i) => mainTasks(options, seed, i === 0)),
    ...ablationSeeds.flatMap((seed) =>
      [...ablations, ...collapses].map(({ name, change }) => variation(options, name, change, seed)),
    ),
    ...samples.map((file) => sampleTask(options, file)),
  ];
}

function mainTasks(options: StudyOptions, seed: number, first: boolean): StudyTask[] {
  const { work, backend, n, pages, record } = options;
  const files = seedFiles(work, seed);
  const recorded = first && record ? ['--record', record.run, '--save', record.weights] : [];
  const weights = first && record ? record.weights : files.weights;
  const saved = recorded.length > 0 ? recorded : ['--save', weights];
  const asked = [
    ...['--sets', generatedSets.join(','), '--n', String(n), '--pages', String(pages)],
    ...['--world-seed', String(FIRST_TEST_WORLD + seed), '--seed', String(seed), '--backend', backend],
  ];
  return [
    {
      name: `seed ${String(seed)}: training`,
      argv: ['train', ...trainArgs(backend, seed, files.train), ...saved],
      output: files.train,
    },
    {
      name: `seed ${String(seed)}: the trained policy on four sets`,
      argv: ['evaluate', '--methods', 'research', '--policy', weights, ...asked, '--json', files.trained],
      output: files.trained,
    },
    {
      name: `seed ${String(seed)}: the untrained policy and the prompt baselines on four sets`,
      argv: ['evaluate', '--methods', untrainedMethods.join(','), ...asked, '--json', files.untrained],
      output: files.untrained,
    },
  ];
}

const trainArgs = (backend: string, seed: number, json: string, recipe = 'study'): string[] => [
  ...['--recipe', recipe, '--backend', backend],
  ...['--seed', String(seed), '--world-seed', String(seed), '--json', json],
];

function variation(
  { work, backend, ablationSeeds, record }: StudyOptions,
  name: string,
  change: (recipe: Recipe) => Recipe,
  seed: number,
): StudyTask {
  const output = variationFile(work, name, seed);
  const file = join(work, `${name.replace(/[^a-z0-9]+/gi, '-')}.recipe.json`);
  const isCollapse = name === collapses[0].name && seed === ablationSeeds[0];
  const recorded = record && isCollapse ? ['--record', record.collapse] : [];
  return {
    name: `${name}, seed ${String(seed)}`,
    argv: ['train', ...trainArgs(backend, seed, output, file), ...recorded],
    output,
    recipe: { file, recipe: change(studyRecipe) },
  };
}

function sampleTask({ work, backend }: StudyOptions, file: string): StudyTask {
  const output = sampleFile(work, file);
  return {
    name: `real questions: ${file}`,
    argv: ['evaluate', '--questions', file, '--backend', backend, '--json', output],
    output,
  };
}
