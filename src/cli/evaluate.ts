import { EnginePolicy } from '../policy/enginePolicy.ts';
import { loadWeights } from '../lab/modelFiles.ts';
import { bootstrapMean95 } from '../research/bootstrap.ts';
import { evaluate, type Evaluation } from '../research/evaluate.ts';
import { NANO_FORMAT } from '../research/format.ts';
import { writeTraces } from '../traces/jsonl.ts';
import type { Trace } from '../traces/trace.ts';
import { basename, dirname } from 'node:path';
import { Args, UsageError, type Option } from './args.ts';
import { backendOptions, openBackend } from './backend.ts';
import { folderReader, openModel, openRetrieval, retrievalOptions, trainedFile } from './models.ts';
import { say, version, writeJson, writeOut } from './output.ts';
import { openWorldOf, worldOptions } from './worldOf.ts';

export const evaluateOptions: Readonly<Record<string, Option>> = {
  ...backendOptions,
  ...retrievalOptions,
  ...worldOptions,
  seed: { value: 'S', help: 'seed of the sampled answers and of the bootstrap (default 1)' },
  model: { value: 'DIR', help: 'folder of the base policy (default public/models/nano)' },
  policy: { value: 'FILE', help: 'trained weights (default the trained checkpoint in the model folder)' },
  traces: { value: 'FILE', help: 'write every transcript as JSON lines' },
  json: { value: 'FILE', help: 'write the rows' },
};

/** Base and trained policy on the same questions, greedy as in the paper, and once at temperature 1. */
export async function runEvaluate(argv: readonly string[]): Promise<void> {
  const args = new Args(argv, evaluateOptions);
  const seed = args.whole('seed') ?? 1;
  const began = performance.now();
  const backend = await openBackend(args);
  const folder = args.text('model') ?? 'public/models/nano';
  const { decoder, tokenizer } = await openModel(backend, folder);
  const retrieval = await openRetrieval(args);
  const { world, recipe, file: read } = await openWorldOf(args);
  if (world.questions.length === 0) throw new UsageError('--passages needs --questions FILE as well');
  const retriever = await retrieval.retrieverOf(world.passages);
  const found = world.passages.length === 0 ? retriever.label : retrieval.label;
  say(
    `${backend.label}; ${found}; ${world.name}: ${String(world.passages.length)} passages, ${String(world.questions.length)} questions`,
  );
  const policies = [{ method: 'research-untrained', decoder }];
  const file = args.text('policy') ?? (await trainedFile(folder));
  if (file !== undefined) {
    const trained = await loadWeights(backend, decoder.config, folderReader(dirname(file)), basename(file));
    policies.push({ method: 'research', decoder: trained });
  }
  const rows: unknown[] = [];
  const traces: Trace[] = [];
  for (const { method, decoder: of } of policies) {
    const policy = new EnginePolicy({ name: method, decoder: of, tokenizer });
    const done = await evaluate(policy, retriever, world.questions, {
      format: NANO_FORMAT,
      seed,
      passages: recipe.rollout.passages,
      maxTokens: recipe.rollout.maxTokens,
      maxSearches: recipe.rollout.maxSearches,
      slots: 128,
      label: method,
      sampled: true,
    });
    traces.push(...done.greedy);
    for (const set of new Set(world.questions.map((q) => q.set))) rows.push(rowOf(method, set, done, seed));
    const { em, emSampled, searches, emByHops } = done.scores;
    say(
      `${method}: EM ${(100 * em).toFixed(1)} % greedy, ${(100 * emSampled).toFixed(1)} % sampled, searches ${searches.toFixed(2)} ${JSON.stringify(emByHops ?? {})}`,
    );
  }
  const tracesFile = args.text('traces');
  if (tracesFile !== undefined) await writeOut(tracesFile, writeTraces(traces));
  await writeJson(args.text('json'), {
    recipe,
    seed,
    backend: backend.label,
    version: await version(),
    seconds: (performance.now() - began) / 1000,
    retriever: found,
    world: { name: world.name, seed: world.seed, passages: world.passages.length },
    ...(read === undefined ? {} : { file: read }),
    rows,
  });
  backend.dispose();
}

function rowOf(method: string, set: string, { scores, greedy }: Evaluation, seed: number) {
  const em = greedy.map((trace) => trace.reward?.em ?? 0);
  return { method, set, ...scores, ci95: em.length > 0 ? bootstrapMean95(em, seed) : [0, 0] };
}
