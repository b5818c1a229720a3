import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Args, UsageError, type Option } from './args.ts';
import { isThere, say } from './output.ts';
import { ablations, collapses } from './reproduction/ablations.ts';
import { sampleFile, seedFiles, studyTasks, variationFile, type StudyOptions } from './reproduction/plan.ts';
import { studyPlots } from './reproduction/plots.ts';
import { reportOf } from './reproduction/report.ts';
import { readEvaluated, readTrained, type StudyResults } from './reproduction/results.ts';

export const reproduceOptions: Readonly<Record<string, Option>> = {
  backend: { value: 'wasm|webgpu', help: 'engine (default wasm)' },
  seeds: { value: 'N', help: 'seeds of the main runs, from 1 on (default 5)' },
  'ablation-seeds': { value: 'N', help: 'how many of them the ablations take (default 2)' },
  n: { value: 'N', help: 'questions of each set (default 500)' },
  pages: { value: 'N', help: 'pages of the worlds that are asked in (default 1000)' },
  samples: { value: 'DIR', help: 'a folder with files of the real sets, asked as they are' },
  work: {
    value: 'DIR',
    help: 'what was measured so far; a task done is not done again (default build/study)',
  },
  out: { value: 'DIR', help: 'where reproduction.md and its plots go (default docs)' },
  record: { help: 'also record the first run for the page and ship its weights (public/)' },
};

const MOST_SEEDS = 10;
const launcher = fileURLToPath(new URL('launch.mjs', import.meta.url));

/** The whole study: every command in its order, those already done left out; then the report. */
export async function runReproduce(argv: readonly string[]): Promise<void> {
  const args = new Args(argv, reproduceOptions);
  const options = await optionsOf(args);
  const tasks = studyTasks(options);
  await mkdir(options.work, { recursive: true });
  const began = performance.now();
  let ran = 0;
  for (const [i, task] of tasks.entries()) {
    const place = `${String(i + 1)}/${String(tasks.length)} ${task.name}`;
    if (await isThere(task.output)) {
      say(`${place}: there already`);
      continue;
    }
    const left = tasks.length - i;
    const each =
      ran === 0
        ? ''
        : `, about ${((((performance.now() - began) / ran) * left) / 60000).toFixed(0)} minutes left`;
    say(`${place}${each}`);
    if (task.recipe) await writeFile(task.recipe.file, JSON.stringify(task.recipe.recipe, null, 1));
    await runCommand(task.argv);
    ran++;
  }
  const results = await resultsOf(options, commandOf(argv));
  const out = args.text('out') ?? 'docs';
  await mkdir(join(out, 'reproduction'), { recursive: true });
  for (const [name, svg] of studyPlots(results)) await writeFile(join(out, 'reproduction', name), svg);
  await writeFile(join(out, 'reproduction.md'), `${reportOf(results)}\n`);
  say(`${join(out, 'reproduction.md')} written`);
}

/** The command as it was given, but for where the samples lie on this machine. */
function commandOf(argv: readonly string[]): string {
  const shown = argv.map((word, i) => (argv[i - 1] === '--samples' ? 'DIR' : word));
  return ['npm run -s cli -- reproduce', ...shown].join(' ');
}

async function optionsOf(args: Args): Promise<StudyOptions> {
  const count = args.whole('seeds', 1) ?? 5;
  if (count > MOST_SEEDS) throw new UsageError(`--seeds ${String(count)}: at most ${String(MOST_SEEDS)}`);
  const folder = args.text('samples');
  const files = folder === undefined ? [] : (await readdir(folder)).sort();
  const sets = files.filter((name) => /\.(json|jsonl|csv)$/.test(name) && !name.startsWith('traces-'));
  const seeds = Array.from({ length: count }, (_, i) => i + 1);
  return {
    work: args.text('work') ?? 'build/study',
    backend: args.text('backend') ?? 'wasm',
    seeds,
    ablationSeeds: seeds.slice(0, args.whole('ablation-seeds') ?? 2),
    n: args.whole('n', 1) ?? 500,
    pages: args.whole('pages', 50) ?? 1000,
    ...(folder === undefined ? {} : { samples: sets.map((name) => join(folder, name)) }),
    ...(args.flag('record')
      ? {
          record: {
            run: 'public/runs/first-light.json',
            weights: 'public/models/nano/trained.safetensors',
            collapse: 'public/runs/collapse.json',
          },
        }
      : {}),
  };
}

/** Runs one command of the terminal as its own process, so that a study broken off loses one task at most. */
async function runCommand(argv: readonly string[]): Promise<void> {
  await mkdir(dirname(argv[argv.indexOf('--json') + 1] ?? '.'), { recursive: true });
  const status = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [launcher, ...argv], { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status !== 0) {
    throw new UsageError(`the command “${argv.join(' ')}” failed; mend it and run reproduce again to go on`);
  }
}

async function resultsOf(options: StudyOptions, command: string): Promise<StudyResults> {
  const { work, seeds, ablationSeeds, n, pages, samples = [] } = options;
  const files = seeds.map((seed) => seedFiles(work, seed));
  const variations = await Promise.all(
    [...ablations, ...collapses].map(async ({ name }) => {
      const runs = ablationSeeds.map((seed) => readTrained(variationFile(work, name, seed)));
      return [name, await Promise.all(runs)] as const;
    }),
  );
  return {
    command,
    n,
    pages,
    seeds,
    ablationSeeds,
    training: await Promise.all(files.map(({ train }) => readTrained(train))),
    untrained: await Promise.all(files.map(({ untrained }) => readEvaluated(untrained))),
    trained: await Promise.all(files.map(({ trained }) => readEvaluated(trained))),
    variations: new Map(variations),
    samples: await Promise.all(
      samples.map(async (file) => ({ file, evaluated: await readEvaluated(sampleFile(work, file)) })),
    ),
  };
}
