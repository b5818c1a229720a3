import { EnginePolicy } from '../policy/enginePolicy.ts';
import { formatOf } from '../research/format.ts';
import { evaluateMethods } from '../research/methods.ts';
import { generatedSets, type World } from '../world/types.ts';
import { breathe } from './breathe.ts';
import type { EvaluationPlan, EvaluationProgress } from './evaluationPlan.ts';
import type { LabEvent } from './protocol.ts';
import type { Recipe } from './recipe.ts';
import { countriesTestWorld, testWorld } from './testWorld.ts';
import type { Workbench } from './workbench.ts';

/** Questions at work at once. */
const SLOTS = 64;
/** Seed of the bootstrap. */
const BOOTSTRAP_SEED = 1;

/** Milliseconds between two words of progress. */
const PROGRESS_EVERY = 100;

/**
 * Runs the page's evaluation: every method on every set, the policies as they are now.
 * @throws the signal's reason when aborted; what was told stays told
 */
export async function runEvaluation(
  bench: Workbench,
  recipe: Recipe,
  { id, plan }: { readonly id: number; readonly plan: EvaluationPlan },
  signal: AbortSignal,
  tell: (event: LabEvent) => void,
): Promise<void> {
  let last = 0;
  const onProgress = (progress: EvaluationProgress): void => {
    const now = performance.now();
    if (now - last < PROGRESS_EVERY && progress.done < progress.total) return;
    last = now;
    tell({ type: 'evaluationProgress', id, progress });
  };
  const untrained = bench.freeze('base');
  try {
    const trained = plan.methods.includes('research') ? bench.freeze(plan.policy) : undefined;
    try {
      const { tokenizer } = bench;
      const policies = {
        untrained: new EnginePolicy({ name: 'base', decoder: untrained, tokenizer }),
        ...(trained && { trained: new EnginePolicy({ name: plan.policy, decoder: trained, tokenizer }) }),
      };
      for (const world of await worldsOf(recipe, plan)) {
        const retriever = await bench.retrieverOf(world.passages, signal);
        await evaluateMethods(policies, retriever, world.questions, {
          methods: plan.methods,
          format: formatOf(tokenizer, recipe.rollout.prompt),
          seed: BOOTSTRAP_SEED,
          rollout: recipe.rollout,
          baseline: { positions: untrained.config.maxPositions },
          slots: SLOTS,
          sampled: false,
          signal,
          breathe,
          onProgress: (cell, done, total) => onProgress({ ...cell, done, total }),
          onCell: (cell) => tell({ type: 'evaluationCell', id, cell }),
        });
      }
    } finally {
      trained?.parameters.dispose();
    }
  } finally {
    untrained.parameters.dispose();
  }
}

/** The worlds whose questions a plan asks. */
export async function worldsOf(
  recipe: Recipe,
  { sets, n, worldSeed }: Pick<EvaluationPlan, 'sets' | 'n' | 'worldSeed'>,
): Promise<World[]> {
  const generated = generatedSets.filter((set) => sets.includes(set));
  const worlds = generated.length === 0 ? [] : [testWorld(recipe, worldSeed, n, generated)];
  if (!sets.includes('countries')) return worlds;
  return [...worlds, await countriesTestWorld(worldSeed, n)];
}
