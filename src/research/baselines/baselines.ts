import { ircot } from './ircot.ts';
import { iterRetgen } from './iterRetgen.ts';
import { naiveGeneration } from './naiveGeneration.ts';
import { naiveRag } from './naiveRag.ts';
import type { Baseline } from './steps.ts';

/** The prompt baselines of the paper's Table 2, by the names that commands and files use. */
export const baselines = {
  'naive-generation': naiveGeneration,
  'naive-rag': naiveRag,
  'iter-retgen': iterRetgen,
  ircot,
} as const satisfies Record<string, Baseline>;

export type BaselineName = keyof typeof baselines;

export const isBaselineName = (name: string): name is BaselineName => Object.hasOwn(baselines, name);
