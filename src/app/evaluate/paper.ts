import type { MethodName } from '../../research/methodNames.ts';
import type { GeneratedSet } from '../../world/types.ts';

/** EM in per cent, as published in Table 2 of the paper (arXiv 2503.19470); baselines are of the instruct models. */
export type PaperFigures = Readonly<Partial<Record<MethodName, Readonly<Record<GeneratedSet, number>>>>>;

export const paperModels = ['7B', '32B'] as const;
export type PaperModel = (typeof paperModels)[number];

/** `research` is ReSearch from the instruct model. */
export const paperFigures: Readonly<Record<PaperModel, PaperFigures>> = {
  '7B': {
    'naive-generation': { hotpotqa: 19.18, '2wiki': 25.76, musique: 3.76, bamboogle: 10.4 },
    'naive-rag': { hotpotqa: 31.9, '2wiki': 25.78, musique: 6.21, bamboogle: 20.8 },
    'iter-retgen': { hotpotqa: 34.36, '2wiki': 27.92, musique: 8.69, bamboogle: 21.6 },
    ircot: { hotpotqa: 30.33, '2wiki': 21.57, musique: 6.99, bamboogle: 24.8 },
    research: { hotpotqa: 43.52, '2wiki': 47.59, musique: 22.3, bamboogle: 42.4 },
  },
  '32B': {
    'naive-generation': { hotpotqa: 24.63, '2wiki': 27.23, musique: 6.12, bamboogle: 18.4 },
    'naive-rag': { hotpotqa: 36.46, '2wiki': 30.38, musique: 9.27, bamboogle: 23.2 },
    'iter-retgen': { hotpotqa: 39.81, '2wiki': 33.64, musique: 12.49, bamboogle: 29.6 },
    ircot: { hotpotqa: 28.44, '2wiki': 13.53, musique: 7.82, bamboogle: 31.2 },
    research: { hotpotqa: 46.73, '2wiki': 44.9, musique: 26.4, bamboogle: 56.8 },
  },
};
