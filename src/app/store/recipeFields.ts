import { completeRecipe, type PresetName } from '../../lab/presets.ts';
import type { Recipe } from '../../lab/recipe.ts';

/** A recipe's single values by dotted name, `grpo.learningRate`. */
export type FieldValue = number | boolean | string;

type Tree = { readonly [key: string]: FieldValue | Tree };

/** All single values of a recipe, in its order. */
export function recipeFields(recipe: Recipe): Readonly<Record<string, FieldValue>> {
  const fields: Record<string, FieldValue> = {};
  const walk = (tree: Tree, prefix: string): void => {
    for (const [key, value] of Object.entries(tree)) {
      if (typeof value === 'object') walk(value, `${prefix}${key}.`);
      else fields[prefix + key] = value;
    }
  };
  walk(recipe, '');
  return fields;
}

/** The values of `recipe` that differ from `base`. */
export function recipeChanges(base: Recipe, recipe: Recipe): Readonly<Record<string, FieldValue>> {
  const before = recipeFields(base);
  return Object.fromEntries(
    Object.entries(recipeFields(recipe)).filter(([name, value]) => before[name] !== value),
  );
}

export const sameRecipe = (a: Recipe | undefined, b: Recipe | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Object.keys(recipeChanges(a, b)).length === 0);

export type RecipeResult =
  { readonly ok: true; readonly recipe: Recipe } | { readonly ok: false; readonly message: string };

/** A recipe from unknown data, whole or only what differs from the preset; or what is wrong, field by field. */
export function readRecipe(value: unknown, source: string, preset: PresetName): RecipeResult {
  try {
    return { ok: true, recipe: completeRecipe(value, source, preset) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** `recipe` with single values changed by dotted name; or what is wrong. `recipe` itself is never touched. */
export function withFields(
  recipe: Recipe,
  changes: Readonly<Record<string, FieldValue>>,
  source: string,
  preset: PresetName,
): RecipeResult {
  return readRecipe(nested({ ...recipeFields(recipe), ...changes }), source, preset);
}

/** `{ 'grpo.steps': 4 }` as `{ grpo: { steps: 4 } }`. Maps on the way, so that no name reaches a prototype. */
function nested(fields: Readonly<Record<string, FieldValue>>): unknown {
  const root = new Map<string, unknown>();
  for (const [name, value] of Object.entries(fields)) {
    const path = name.split('.');
    const last = path.pop() ?? name;
    let at = root;
    for (const part of path) {
      const below = at.get(part);
      const next = below instanceof Map ? (below as Map<string, unknown>) : new Map<string, unknown>();
      at.set(part, next);
      at = next;
    }
    at.set(last, value);
  }
  return plain(root);
}

function plain(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...(value as Map<string, unknown>)].map(([key, below]) => [key, plain(below)]));
}
