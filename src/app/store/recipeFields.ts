import { isVariantName, variantNames, variantOf, type VariantName } from '../../grpo/variants/variants.ts';
import { completeRecipe, presets, presetWith, type PresetName } from '../../lab/presets.ts';
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

/** What makes `recipe` of a preset, as `withFields` takes it: a variant, and what differs from the values it brings. */
export function changesFromPreset(preset: PresetName, recipe: Recipe): Readonly<Record<string, FieldValue>> {
  const { variant } = recipe.grpo;
  const base = presetWith(preset, variant);
  const named = variant === presets[preset].grpo.variant ? {} : { 'grpo.variant': variant };
  return { ...named, ...recipeChanges(base, recipe) };
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

/** Fields that some variant has a value of its own for. */
const variantFields = new Set(
  variantNames.flatMap((name) =>
    Object.entries(variantOf(name).numbers).flatMap(([section, numbers]: [string, object]) =>
      Object.keys(numbers).map((field) => `${section}.${field}`),
    ),
  ),
);

/** The values that come with a variant: its own, and the preset's where another variant would have its own. */
function fieldsOfVariant(preset: PresetName, variant: VariantName): Readonly<Record<string, FieldValue>> {
  const all = recipeFields(presetWith(preset, variant));
  return Object.fromEntries(Object.entries(all).filter(([name]) => variantFields.has(name)));
}

/**
 * `recipe` with single values changed by dotted name; or what is wrong. `recipe` itself is never touched. Another
 * variant brings its own values along, where `changes` does not name them.
 */
export function withFields(
  recipe: Recipe,
  changes: Readonly<Record<string, FieldValue>>,
  source: string,
  preset: PresetName,
): RecipeResult {
  const variant = changes['grpo.variant'];
  const brought =
    isVariantName(variant) && variant !== recipe.grpo.variant ? fieldsOfVariant(preset, variant) : {};
  return readRecipe(nested({ ...recipeFields(recipe), ...brought, ...changes }), source, preset);
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
