import type { BaselineName } from '../methodNames.ts';
import { ircot } from './ircot.ts';
import { iterRetgen } from './iterRetgen.ts';
import { naiveGeneration } from './naiveGeneration.ts';
import { naiveRag } from './naiveRag.ts';
import type { Baseline } from './steps.ts';

/** What each prompt baseline does. */
export const baselines: Readonly<Record<BaselineName, Baseline>> = {
  'naive-generation': naiveGeneration,
  'naive-rag': naiveRag,
  'iter-retgen': iterRetgen,
  ircot,
};
