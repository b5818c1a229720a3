import type { ModelRecord } from '@mlc-ai/web-llm';

/** One way in which a listed model is stored. */
export interface Variant {
  readonly record: ModelRecord;
  /** How its weights are stored, "q4f16_1"; with a short context "q4f16_1, 1k". */
  readonly stored: string;
}

export interface ListedModel {
  /** As web-llm writes it, without how it is stored: "Qwen2.5-0.5B-Instruct". */
  readonly name: string;
  /** The smallest first. */
  readonly variants: readonly Variant[];
}

export interface Family {
  readonly name: string;
  /** The smallest first. */
  readonly models: readonly ListedModel[];
}

/** Families by the letters that a model's name begins with, where these are not the family's own name. */
const families: Readonly<Record<string, string>> = {
  gemma: 'Gemma',
  ministral: 'Mistral',
  neuralhermes: 'Hermes',
  openhermes: 'Hermes',
  phi: 'Phi',
  stablelm: 'StableLM',
  tinyllama: 'Llama',
  wizardmath: 'Mistral',
};

/** name, stored, context: "Llama-3.1-8B-Instruct-q4f32_1-MLC-1k". */
const shape = /^(.+?)-(q\d+f\d+(?:_\d+)?)-MLC(?:-(\d+k))?$/;

/** Memory that a record says it needs, in MB; one that says nothing stands last. */
const needs = ({ vram_required_MB: needed = Infinity }: ModelRecord): number => needed;

/** web-llm's records by family, model and how it is stored; in each the smallest first. */
export function groupModels(records: readonly ModelRecord[]): readonly Family[] {
  const byFamily = new Map<string, Map<string, Variant[]>>();
  for (const record of [...records].sort((a, b) => needs(a) - needs(b))) {
    const [, name = record.model_id, quantised = 'as it is', context] = shape.exec(record.model_id) ?? [];
    const letters = /^[A-Za-z]+/.exec(name)?.[0] ?? name;
    const family = families[letters.toLowerCase()] ?? letters;
    const models = byFamily.get(family) ?? new Map<string, Variant[]>();
    byFamily.set(family, models);
    const variants = models.get(name) ?? [];
    models.set(name, variants);
    variants.push({ record, stored: context === undefined ? quantised : `${quantised}, ${context}` });
  }
  // What was met first is the smallest, at each level.
  return [...byFamily].map(([name, models]) => ({
    name,
    models: [...models].map(([model, variants]) => ({ name: model, variants })),
  }));
}
