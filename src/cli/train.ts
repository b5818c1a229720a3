import { join } from 'node:path';
import type { Decoder } from '../engine/decoder.ts';
import { modelSize } from '../engine/decoderTensors.ts';
import type { StepMetrics } from '../grpo/metrics.ts';
import { weightFile } from '../lab/modelFiles.ts';
import { RecipeError } from '../lab/presets.ts';
import { memoryFacts } from '../lab/memoryBook.ts';
import { checkMemory, describeMemory, estimateMemory, mebibytes } from '../lab/memoryEstimate.ts';
import { lengthProblems, QUESTION_ROOM } from '../lab/recipeProblems.ts';
import type { Evaluation } from '../research/evaluate.ts';
import { adapterFiles, loadAdapter } from '../lab/peftAdapter.ts';
import { frameOf, openTrainable, planTraining, type TrainingPlan } from '../lab/training.ts';
import { TrainRun } from '../lab/trainRun.ts';
import { Args, UsageError, type Option } from './args.ts';
import { backendOptions, openBackend } from './backend.ts';
import { folderReader, openRetrieval, readModelAt, retrievalOptions } from './models.ts';
import { readRecipe, recipeName, recipeOptions } from './recipe.ts';
import { Recorder } from './record.ts';
import { say, version, writeJson, writeOut } from './output.ts';

export const trainOptions: Readonly<Record<string, Option>> = {
  ...backendOptions,
  ...retrievalOptions,
  ...recipeOptions,
  adapter: { value: 'DIR', help: 'begin with this adapter, as PEFT saves it' },
  save: {
    value: 'PATH',
    help: 'write what was trained: a file of weights (safetensors, 16 bits), or a folder of the adapter (PEFT)',
  },
  record: { value: 'FILE', help: 'write a recorded run that the page can replay' },
  json: { value: 'FILE', help: 'write before, after and steps' },
};

export async function runTrain(argv: readonly string[]): Promise<void> {
  const args = new Args(argv, trainOptions);
  const recipe = await readRecipe(args);
  const began = performance.now();
  const backend = await openBackend(args);
  const parts = await readModelAt(args.text('model') ?? `public/models/${recipe.model}`);
  const { config, tokenizer } = parts;
  const [tooLong] = lengthProblems(recipe, config.maxPositions, frameOf(parts, recipe));
  if (tooLong !== undefined) throw new RecipeError(`${tooLong}.`);
  const adapter = args.text('adapter');
  const begin = adapter === undefined ? undefined : await loadAdapter(backend, config, folderReader(adapter));
  const plan = planTraining(recipe, parts, begin?.options);
  const estimate = estimateMemory(
    memoryFacts(backend),
    config,
    plan,
    recipe,
    frameOf(parts, recipe) + QUESTION_ROOM,
  );
  say(`memory: ${mebibytes(estimate.total)} expected (${describeMemory(estimate)})`);
  checkMemory(backend, estimate, recipe.model);
  const decoder = await openTrainable(backend, parts, plan, begin ?? { seed: recipe.seed });
  const retrieval = await openRetrieval(args);
  const { retriever } = recipe.rollout;
  const found = retriever === 'healthy' ? retrieval.label : retriever;
  say(
    `${backend.label}; ${String(modelSize(config))} parameters, ${describePlan(plan, decoder)}; ${found}; ${recipeName(args)}, seed ${String(recipe.seed)}, world seed ${String(recipe.worldSeed)}`,
  );
  const reference = recipe.grpo.klWeight === 0 ? undefined : decoder.reference();
  const run = new TrainRun({
    policy: decoder,
    tokenizer,
    recipe,
    retrieverOf: retrieval.retrieverOf,
    ...(reference ? { reference } : {}),
  });
  const evaluateNow = async (when: string): Promise<Evaluation | undefined> => {
    if (recipe.evaluation.questions === 0) return undefined;
    const evaluation = await run.evaluate();
    const { n, em, emSampled, searches, selfCorrections, reward } = evaluation.scores;
    say(
      `${when}: EM ${percent(em)} greedy, ${percent(emSampled)} sampled, searches ${searches.toFixed(2)}, self-corrections ${percent(selfCorrections)}, reward ${reward.toFixed(3)} (${String(n)} questions)`,
    );
    return evaluation;
  };
  const record = args.text('record');
  if (record !== undefined && recipe.evaluation.questions === 0)
    throw new UsageError('--record keeps answers of the evaluation; raise evaluation.questions');
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
  const { peakBytes } = backend.memory();
  say(
    `memory: ${mebibytes(peakBytes)} at most, ${mebibytes(estimate.total)} expected (${(100 * (estimate.total / peakBytes - 1)).toFixed(1)} % off); process ${mebibytes(process.resourceUsage().maxRSS * 1024)}`,
  );
  const after = await evaluateNow('after');
  const save = args.text('save');
  if (save !== undefined) {
    for (const [name, bytes] of await trainedFiles(decoder, plan, recipe.model))
      await writeOut(join(save, name), bytes);
  }
  if (record !== undefined && before !== undefined && after !== undefined) {
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
    memory: { estimate, peakBytes },
    ...(before === undefined ? {} : { before: { musique: before.scores } }),
    ...(after === undefined ? {} : { after: { musique: after.scores } }),
    steps,
  });
  run.dispose();
  backend.dispose();
}

/** What was trained, by file name: an adapter's folder, or (under no name) a file of weights. */
async function trainedFiles(
  decoder: Decoder,
  { adapter }: TrainingPlan,
  model: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (adapter === undefined) return new Map([['', await weightFile(decoder)]]);
  return adapterFiles(
    decoder.config,
    { options: adapter, tensors: await decoder.parameters.toTensors() },
    model,
  );
}

const describePlan = ({ weights, adapter }: TrainingPlan, { parameters }: Decoder): string =>
  adapter === undefined
    ? 'all trained'
    : `frozen as ${weights}; LoRA of rank ${String(adapter.rank)} trains ${String(parameters.count)}`;

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

function stepLine(m: StepMetrics, steps: number): string {
  return (
    `${String(m.step).padStart(3)}/${String(steps)} reward ${m.reward.toFixed(3)} EM ${percent(m.em)} format ${percent(m.formatRate)} ` +
    `searches ${m.searches.toFixed(2)} tokens ${m.responseTokens.toFixed(0)} entropy ${m.entropy.toFixed(3)} ` +
    `zero-spread ${percent(m.zeroSpreadGroups)} grad ${m.gradNorm.toFixed(2)} corrections ${percent(m.selfCorrections)} ` +
    `${m.secondsRollout.toFixed(1)}+${m.secondsTrain.toFixed(1)} s`
  );
}
