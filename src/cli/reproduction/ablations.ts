import type { Recipe } from '../../lab/recipe.ts';

/** What the literature says a change does to EM. */
export type Direction = 'down' | 'up' | 'same';

/** The study's recipe with one thing changed. */
export interface Ablation {
  readonly name: string;
  readonly change: (recipe: Recipe) => Recipe;
  /** Absent where nobody says. */
  readonly expected?: Direction;
  readonly source: string;
}

const grpo =
  (over: Partial<Recipe['grpo']>) =>
  (recipe: Recipe): Recipe => ({ ...recipe, grpo: { ...recipe.grpo, ...over } });
const reward =
  (over: Partial<Recipe['reward']>) =>
  (recipe: Recipe): Recipe => ({ ...recipe, reward: { ...recipe.reward, ...over } });
export const ablations: readonly Ablation[] = [
  {
    name: 'result tokens in the loss',
    change: grpo({ maskResults: false }),
    expected: 'down',
    source: 'Search-R1 (arXiv 2503.09516, Table 4): 0.431 masked, 0.343 not',
  },
  {
    name: 'EM instead of F1',
    change: reward({ answer: 'em' }),
    expected: 'same',
    source: 'Search-R1 pays EM, ReSearch F1; both learn',
  },
  {
    name: 'no floor for good form',
    change: reward({ floor: 0 }),
    expected: 'same',
    source: 'arXiv 2505.15117: a format reward helps, most from base models',
  },
  {
    name: 'group of 4',
    change: grpo({ groupSize: 4 }),
    expected: 'down',
    source: 'smaller groups give fewer groups with any spread (CoursIA #10603)',
  },
  {
    name: 'KL of 0.001',
    change: grpo({ klWeight: 0.001 }),
    expected: 'same',
    source: 'the paper’s own weight; DAPO (arXiv 2503.14476) leaves it out',
  },
  {
    name: 'no division by the standard deviation',
    change: grpo({ divideByStd: false }),
    expected: 'same',
    source: 'Dr. GRPO (arXiv 2503.20783)',
  },
  {
    name: 'a prior without its last stage',
    change: (recipe) => ({ ...recipe, model: 'nano-reading' }),
    source: 'nothing found',
  },
];

/** The study's recipe with one switch turned, so that it collapses. */
export const collapses = [
  {
    name: 'collapse',
    what: 'the tokens of the results in the loss (`grpo.maskResults` off)',
    change: grpo({ maskResults: false }),
  },
] as const;
