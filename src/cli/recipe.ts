/** The recipe of a command: a preset or a file, with options for single fields over it. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { completeRecipe, isPresetName, presets, RecipeError } from '../lab/presets.ts';
import type { Recipe } from '../lab/recipe.ts';
import { UsageError, type Args, type Option } from './args.ts';

const presetNames = Object.keys(presets).join(', ');

export const recipeOptions: Readonly<Record<string, Option>> = {
  recipe: { value: 'NAME|FILE', help: `${presetNames}, or a recipe as JSON (default quick)` },
  seed: { value: 'S', help: 'seed of rollouts and order of questions' },
  'world-seed': { value: 'W', help: 'seed of the evaluation world; training worlds derive from it' },
  steps: { value: 'N', help: 'updates' },
  model: {
    value: 'PATH',
    help: 'folder or GGUF file to start from (default public/models/NAME of the recipe)',
  },
  set: { value: '"A=1 B=2"', help: 'fields of the recipe by dotted name, such as "grpo.questions=2"' },
  'lora-rank': { value: 'R', help: 'train a LoRA adapter of this rank (training.rank)' },
  'lora-alpha': { value: 'A', help: 'weight of the adapter’s part times the rank (training.alpha)' },
  'lora-targets': { value: 'A,B', help: 'projections that get factors (training.targets)' },
  weights: { value: 'KIND', help: 'frozen weights: auto, f32, f16, int8 or int4 (training.frozen)' },
};

/**
 * The recipe named on the command line: a preset, or a file; with the options for single fields over it. A GGUF file is
 * trained by the preset `real` where no recipe is named.
 */
export async function readRecipe(args: Args): Promise<Recipe> {
  const model = args.text('model');
  const name = recipeName(args);
  const base = isPresetName(name) ? presets[name] : completeRecipe(await readJson(name), name);
  const fields = new Map<string, unknown>(setFields(args));
  const put = (field: string, value: unknown): void => void (value === undefined || fields.set(field, value));
  put('model', model === undefined ? undefined : basename(model));
  put('seed', args.whole('seed'));
  put('worldSeed', args.whole('world-seed'));
  put('grpo.steps', args.whole('steps'));
  const rank = args.whole('lora-rank', 1);
  put('training.method', rank === undefined ? undefined : 'lora');
  put('training.rank', rank);
  put('training.alpha', args.number('lora-alpha') ?? (rank === undefined ? undefined : 2 * rank));
  put('training.targets', args.text('lora-targets'));
  put('training.frozen', args.text('weights'));
  return completeRecipe(withFields(base, fields), `recipe ${name}`);
}

/** What the recipe's fields are of where no option says otherwise. */
export const recipeName = (args: Args): string =>
  args.text('recipe') ?? (args.text('model')?.endsWith('.gguf') === true ? 'real' : 'quick');

/** `--set "a.b=1 c=text"` by dotted name. */
function setFields(args: Args): [string, unknown][] {
  const words = args.text('set')?.trim().split(/\s+/) ?? [];
  return words.map((word) => {
    const [, field, value] = /^([\w.]+)=(.*)$/.exec(word) ?? [];
    if (field === undefined || value === undefined)
      throw new UsageError(`--set ${word}: write FIELD=VALUE, with spaces between two`);
    return [field, readValue(value)];
  });
}

/** A number or truth value where it reads as one, else the text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function withFields(recipe: Recipe, fields: ReadonlyMap<string, unknown>): unknown {
  const whole: Record<string, unknown> = { ...recipe };
  for (const [field, value] of fields) {
    const [section = '', name] = field.split('.', 2);
    const old = whole[section];
    whole[section] =
      name === undefined ? value : { ...(typeof old === 'object' ? old : undefined), [name]: value };
  }
  return whole;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecipeError(
      `${file}: cannot be read as a recipe (${reason}). Name a preset (${presetNames}) or a JSON file.`,
    );
  }
}
