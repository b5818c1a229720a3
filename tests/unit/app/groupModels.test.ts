import { describe, expect, it } from 'vitest';
import { groupModels } from '../../../src/app/models/groupModels.ts';
import { listedModels } from '../../../src/policy/webllmList.ts';

describe('web-llm’s list by families', () => {
  const families = groupModels(listedModels);

  it('loses none, and takes every name apart', () => {
    const all = families.flatMap(({ models }) => models.flatMap(({ variants }) => variants));
    expect(all.map(({ record }) => record.model_id).sort()).toEqual(
      listedModels.map(({ model_id }) => model_id).sort(),
    );
    expect(all.filter(({ stored }) => !/^q\df\d+(_\d)?(, 1k)?$/.test(stored))).toEqual([]);
  });

  it('has the smallest first at each level', () => {
    const needs = families.map(({ models }) =>
      models.map(({ variants }) => variants.map(({ record }) => record.vram_required_MB ?? Infinity)),
    );
    const rising = (values: readonly number[]): void =>
      expect(values).toEqual([...values].sort((a, b) => a - b));
    needs.flat().forEach(rising);
    needs.forEach((models) => rising(models.map(([first = Infinity]) => first)));
    rising(needs.map((models) => Math.min(...models.flat())));
  });

  it('puts what belongs together under one name', () => {
    const names = families.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const llama = families.find(({ name }) => name === 'Llama')?.models ?? [];
    expect(
      llama.find(({ name }) => name === 'Llama-3.2-1B-Instruct')?.variants.map(({ stored }) => stored),
    ).toEqual(['q4f16_1', 'q4f32_1', 'q0f16', 'q0f32']);
    expect(llama.some(({ name }) => name.startsWith('TinyLlama'))).toBe(true);
  });
});
