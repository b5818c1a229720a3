import type { PriorShare } from '../../lab/protocol.ts';
import { isKept } from '../../lab/modelStore/keptName.ts';
import { fetchJson } from '../store/fetchJson.ts';

/** One stage of pretraining: its part of the training tokens, and the shares of what it showed. */
export interface PriorStage {
  readonly name: string;
  readonly portion: number;
  readonly shares: readonly PriorShare[];
}

/** Only the policies that were trained here bring such a table: kept models and GGUF files are of others. */
export const hasPrior = (model: string): boolean => !isKept(model) && !model.endsWith('.gguf');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The table written beside the weights (`prior.json`: `behaviours` with their descriptions, `stages` with shares).
 * Throws an Error naming the address and the field that does not fit.
 */
export async function readPrior(address: string): Promise<readonly PriorStage[]> {
  return parsePrior(await fetchJson(address), address);
}

export function parsePrior(value: unknown, name: string): readonly PriorStage[] {
  if (!isRecord(value) || !isRecord(value['behaviours']) || !Array.isArray(value['stages'])) {
    throw new Error(`${name} has no “behaviours” and “stages”`);
  }
  const behaviours = value['behaviours'];
  return value['stages'].map((stage: unknown, i): PriorStage => {
    if (!isRecord(stage) || typeof stage['portion'] !== 'number' || !isRecord(stage['shares'])) {
      throw new Error(`${name}: stages.${i} has no “portion” and “shares”`);
    }
    const shares = Object.entries(stage['shares']).map(([behaviour, share]): PriorShare => {
      if (typeof share !== 'number')
        throw new Error(`${name}: stages.${i}.shares.${behaviour} is not a number`);
      const description = behaviours[behaviour];
      return { name: behaviour, share, description: typeof description === 'string' ? description : '' };
    });
    return {
      name: typeof stage['name'] === 'string' ? stage['name'] : `stage ${i + 1}`,
      portion: stage['portion'],
      shares: shares.sort((a, b) => b.share - a.share),
    };
  });
}
