import { EnginePolicy } from '../policy/enginePolicy.ts';
import { formatOf } from '../research/format.ts';
import { isMethodName, methodNames, type MethodName } from '../research/methodNames.ts';
import type { EvaluationRow } from '../research/methodRows.ts';
import { evaluateMethods } from '../research/methods.ts';
import { Args, UsageError, type Option } from './args.ts';
import { askingOptions, beginAsking, endAsking, promptOf, writeAsked, type Asking } from './asking.ts';
import { openPolicy, trainedFile, weightKindOf } from './models.ts';
import { say } from './output.ts';
import { openWorldOf } from './worldOf.ts';

export const evaluateOptions: Readonly<Record<string, Option>> = {
  ...askingOptions,
  methods: { value: 'A,B', help: `which of ${methodNames.join(', ')} (default all)` },
  sets: { value: 'A,B', help: 'which sets of questions (default all that the world or the file has)' },
  n: { value: 'N', help: 'most questions of a set (default 200)' },
  'baseline-passages': { value: 'K', help: 'passages of a search of a baseline (default each one’s own)' },
  sampled: { help: 'also ask ReSearch once at temperature 1' },
  seed: { value: 'S', help: 'seed of the sampled answers and of the bootstrap (default 1)' },
  policy: {
    value: 'PATH',
    help: 'trained weights, or folder of an adapter (default the trained checkpoint in the model folder)',
  },
  json: { value: 'FILE', help: 'write the rows' },
};

/** The paper's table: method × set on the same questions, greedy, with the same policy and retriever. */
export async function runEvaluate(argv: readonly string[]): Promise<void> {
  const args = new Args(argv, evaluateOptions);
  const seed = args.whole('seed') ?? 1;
  const methods = methodsOf(args);
  const sets = args.list('sets');
  const passages = args.whole('baseline-passages', 1);
  const opened = await openWorldOf(args, sets);
  if (opened.world.questions.length === 0) throw new UsageError('--passages needs --questions FILE as well');
  const asking = await beginAsking(args, opened);
  const { backend, folder, world, retriever, recipe } = asking;
  const file = await trainedName(asking, args, methods);
  const policy = await openPolicy(backend, folder, file ?? 'base', weightKindOf(args));
  const { base, tokenizer } = policy;
  const trained = file === undefined ? undefined : new EnginePolicy(policy);
  const started = performance.now();
  const cells = await evaluateMethods(
    {
      untrained: new EnginePolicy({ name: 'base', decoder: base, tokenizer }),
      ...(trained === undefined ? {} : { trained }),
    },
    retriever,
    world.questions,
    {
      methods: trained === undefined ? methods.filter((method) => method !== 'research') : methods,
      format: formatOf(tokenizer, promptOf(args)),
      seed,
      rollout: recipe.rollout,
      baseline: {
        positions: base.config.maxPositions,
        ...(passages === undefined ? {} : { passages }),
      },
      slots: 128,
      sampled: args.flag('sampled'),
      onProgress: counter(),
      onCell: ({ row }) => say(rowLine(row)),
    },
  );
  say(`${((performance.now() - started) / 1000).toFixed(1)} s`);
  await writeAsked(
    asking,
    args,
    {
      command: ['npm run -s cli -- evaluate', ...argv].join(' '),
      retriever: asking.found,
      policy: trained?.name ?? null,
      world: { name: world.name, seed: world.seed, passages: world.passages.length },
      ...(opened.file === undefined ? {} : { file: opened.file }),
      rows: cells.map(({ row }) => row),
    },
    seed,
  );
  await endAsking(
    asking,
    args,
    cells.flatMap(({ traces }) => traces),
  );
}

function methodsOf(args: Args): readonly MethodName[] {
  const wanted = args.list('methods') ?? methodNames;
  return wanted.map((name) => {
    if (isMethodName(name)) return name;
    throw new UsageError(`--methods ${name}: choose of ${methodNames.join(', ')}`);
  });
}

/** What `research` is asked of; undefined where it is not asked for, or the folder has none and none was named. */
async function trainedName(
  { folder }: Asking,
  args: Args,
  methods: readonly MethodName[],
): Promise<string | undefined> {
  if (!methods.includes('research')) return undefined;
  const file = args.text('policy') ?? (await trainedFile(folder));
  if (file !== undefined) return file;
  if (args.list('methods') !== undefined) {
    throw new UsageError(`--methods research: ${folder} has no trained checkpoint; give --policy PATH`);
  }
  say(`research is left out: ${folder} has no trained checkpoint`);
  return undefined;
}

/** Says how far a cell is, at each quarter of it. */
function counter(): (cell: { method: string; set: string }, done: number, total: number) => void {
  let told = '';
  return ({ method, set }, done, total) => {
    const quarter = Math.floor((4 * done) / total);
    const line = `${method}, ${set}: ${String(quarter * 25)} %`;
    if (quarter === 0 || quarter === 4 || line === told) return;
    told = line;
    say(line);
  };
}

function rowLine({
  method,
  set,
  n,
  em,
  f1,
  searches,
  ci95: [low, high],
  emSampled,
  byHops = {},
}: EvaluationRow) {
  const percent = (x: number): string => (100 * x).toFixed(1);
  const hops = Object.entries(byHops).map(
    ([hop, of]) => `${hop} hops ${percent(of.em)} % of ${String(of.n)}`,
  );
  const parts = [
    `EM ${percent(em)} % [${percent(low)}, ${percent(high)}]`,
    ...(emSampled === undefined ? [] : [`sampled ${percent(emSampled)} %`]),
    `F1 ${percent(f1)} %`,
    `searches ${searches.toFixed(2)}`,
    ...hops,
  ];
  return `${method.padEnd(18)} ${set.padEnd(9)} n ${String(n)}: ${parts.join(', ')}`;
}
