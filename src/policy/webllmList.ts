import type { ModelRecord } from '@mlc-ai/web-llm';
import list from './webllmList.json';

/** The language models of web-llm's own list (0.2.86), written by scripts/makeWebllmList.ts. */
export const listedModels: readonly ModelRecord[] = list;

/**
 * Whether a listed model was tuned to follow instructions, by its name: the records do not say. Only such a model can
 * be told to search by a prompt.
 */
export const isInstruct = ({ model_id }: Pick<ModelRecord, 'model_id'>): boolean =>
  !/^phi-(2|1_5)-|-Base-/.test(model_id);

/** Whether it calculates in f16: many records do not name the feature that this needs, all names do. */
export const needsF16 = ({
  model_id,
  required_features = [],
}: Pick<ModelRecord, 'model_id' | 'required_features'>): boolean =>
  required_features.includes('shader-f16') || /-q\df16(_|-|$)/.test(model_id);
