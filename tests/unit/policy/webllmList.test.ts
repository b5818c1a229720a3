import { ModelType, prebuiltAppConfig } from '@mlc-ai/web-llm';
import { describe, expect, it } from 'vitest';
import { isInstruct, listedModels, needsF16 } from '../../../src/policy/webllmList.ts';

describe('the list of web-llm’s models', () => {
  it('is that of the installed web-llm, embedding models left out', () => {
    expect(listedModels).toEqual(
      prebuiltAppConfig.model_list.filter(({ model_type }) => model_type !== ModelType.embedding),
    );
  });

  it('tells base models by their names', () => {
    const base = listedModels.filter((record) => !isInstruct(record)).map(({ model_id }) => model_id);
    expect(new Set(base.map((id) => id.replace(/-q\d.*/, '')))).toEqual(
      new Set(['phi-2', 'phi-1_5', 'Ministral-3-3B-Base-2512']),
    );
  });

  it('tells what calculates in f16, also where the record does not name the feature', () => {
    const need = (id: string): boolean => needsF16({ model_id: id });
    expect(need('Qwen3-0.6B-q4f16_1-MLC')).toBe(true);
    expect(need('Llama-3.1-8B-Instruct-q4f16_1-MLC-1k')).toBe(true);
    expect(need('SmolLM2-135M-Instruct-q0f32-MLC')).toBe(false);
    const named = listedModels.filter(({ required_features }) => required_features?.includes('shader-f16'));
    expect(named.length).toBeGreaterThan(10);
    expect(named.every(needsF16)).toBe(true);
  });
});
