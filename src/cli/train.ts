import { readFile } from 'node:fs/promises';
import type { StepMetrics } from '../grpo/metrics.ts';
import { weightFile } from '../lab/modelFiles.ts';
import { completeRecipe, isPresetName, presets, RecipeError } from '../lab/presets.ts';
import type { Recipe } from '../lab/recipe.ts';
import { lengthProblems } from '../lab/recipeProblems.ts';
import type { Evaluation } from '../research/evaluate.ts';
import { TrainRun } from '../lab/trainRun.ts';
import { copyOf } from '../lab/undo.ts';
import { Args, UsageError, type Option } from './args.ts';
import { backendOptions, openBackend } from './backend.ts';
import { openModel, openRetrieval, retrievalOptions } from './models.ts';
import { Recorder } from './record.ts';
import { say, version, writeJson, writeOut } from './output.ts';

const presetNames = Object.keys(presets).join(', ');

export const trainOptions: Readonly<Record<string, Option>> = {
  ...backendOptions,
  ...retrievalOptions,
  recipe: { value: 'NAME|FILE', help: `${presetNames}, or a recipe as JSON (default quick)` },
  seed: { value: 'S', help: 'seed of rollouts and order of questions' },
  'world-seed': { value: 'W', help: 'seed of the evaluation world; training worlds derive from it' },
  steps: { value: 'N', help: 'updates' },
  model: {
    value: 'DIR',
    help: 'folder of the policy to start from (default public/models/NAME of the recipe)',
  },
  save: { value: 'FILE', help: 'write the trained weights (safetensors, 16 bits)' },
  record: { value: 'FILE', help: 'write a recorded run that the page can replay' },
  json: { value: 'FILE', help: 'write before, after and steps' },
};

/** The recipe named on the command line: a preset, or a file; with --seed, --world-seed and --steps over it. */
export async function readRecipe(args: Args): Promise<Recipe> {
  const name = args.text('recipe') ?? 'quick';
  const base = isPresetName(name) ? presets[name] : completeRecipe(await readJson(name), name);
  const seed = args.whole('seed') ?? base.seed;
  const worldSeed = args.whole('world-seed') ?? base.worldSeed;
  const steps = args.whole('steps') ?? base.grpo.steps;
  return completeRecipe({ ...base, seed, worldSeed, grpo: { ...base.grpo, steps } }, `recipe ${name}`);
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RecipeError(
      `${file}: cannot be read as a recipe (${reason}). Name a preset (${presetNames}) or a JSON file.`,
    );
  }
}

export async function runTrain(argv: readonly string[]): Promise<void> {
  const args = new Args(argv, trainOptions);
  const recipe = await readRecipe(args);
  const began = performance.now();
  const backend = await openBackend(args);
  const { decoder, tokenizer } = await openModel(
    backend,
    args.text('model') ?? `public/models/${recipe.model}`,
  );
  const [tooLong] = lengthProblems(recipe, decoder.config.maxPositions);
  if (tooLong !== undefined) throw new RecipeError(`${tooLong}.`);
  const retrieval = await openRetrieval(args);
  const { retriever } = recipe.rollout;
  const found = retriever === 'healthy' ? retrieval.label : retriever;
  say(
    `${backend.label}; ${String(decoder.parameters.count)} parameters; ${found}; recipe ${args.text('recipe') ?? 'quick'}, seed ${String(recipe.seed)}, world seed ${String(recipe.worldSeed)}`,
  );
  const reference = recipe.grpo.klWeight === 0 ? undefined : copyOf(decoder);
  const run = new TrainRun({
    policy: decoder,
    tokenizer,
    recipe,
    retrieverOf: retrieval.retrieverOf,
    ...(reference ? { reference } : {}),
  });
  const evaluateNow = async (when: string): Promise<Evaluation> => {
    const evaluation = await run.evaluate();
    const { n, em, emSampled, searches, selfCorrections, reward } = evaluation.scores;
    say(
      `${when}: EM ${percent(em)} greedy, ${percent(emSampled)} sampled, searches ${searches.toFixed(2)}, self-corrections ${percent(selfCorrections)}, reward ${reward.toFixed(3)} (${String(n)} questions)`,
    );
    return evaluation;
  };
  if (recipe.evaluation.questions === 0)
    throw new UsageError('the recipe asks no evaluation questions; raise evaluation.questions');
  const before = await evaluateNow('before');
  const steps: StepMetrics[] = [];
  const recorder = new Recorder(recipe.grpo.steps);
  while (!run.finished) {
    const { metrics, groups } = await run.update();
    steps.push(metrics);
    recorder.update(metrics.step, groups);
    say(stepLine(metrics, recipe.grpo.steps));
    const { every } = recipe.evaluation;
    if (every > 0 && metrics.step % every === 0 && !run.finished)
      await evaluateNow(`after ${String(metrics.step)}`);
  }
  const after = await evaluateNow('after');
  const save = args.text('save');
  if (save !== undefined) await writeOut(save, await weightFile(decoder));
  const record = args.text('record');
  if (record !== undefined) {
    const command = `npm run -s cli -- train ${argv.join(' ')}`;
    const run = { recipe, backend: backend.label, command, steps };
    await writeOut(record, JSON.stringify(recorder.finish(run, before, after)));
  }
  await writeJson(args.text('json'), {
    recipe,
    seed: recipe.seed,
    backend: backend.label,
    version: await version(),
    seconds: (performance.now() - began) / 1000,
    retriever: found,
    before: { musique: before.scores },
    after: { musique: after.scores },
    steps,
  });
  run.dispose();
  backend.dispose();
}

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

function stepLine(m: StepMetrics, steps: number): string {
  return (
    `${String(m.step).padStart(3)}/${String(steps)} reward ${m.reward.toFixed(3)} EM ${percent(m.em)} format ${percent(m.formatRate)} ` +
    `searches ${m.searches.toFixed(2)} tokens ${m.responseTokens.toFixed(0)} entropy ${m.entropy.toFixed(3)} ` +
    `zero-spread ${percent(m.zeroSpreadGroups)} grad ${m.gradNorm.toFixed(2)} corrections ${percent(m.selfCorrections)} ` +
    `${m.secondsRollout.toFixed(1)}+${m.secondsTrain.toFixed(1)} s`
  );
}
