import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { presets } from '../lab/presets.ts';
import type { Recipe } from '../lab/recipe.ts';
import { loadCountries } from '../world/countries.ts';
import { generateWorld } from '../world/generate.ts';
import { readOwnPassages } from '../world/ownPassages.ts';
import { describeProblem } from '../world/problems.ts';
import type { Question, World } from '../world/types.ts';
import { UsageError, type Args, type Option } from './args.ts';
import { say } from './output.ts';

export const worldOptions: Readonly<Record<string, Option>> = {
  world: { value: 'NAME', help: 'musique (a generated world, default) or countries (real facts)' },
  'world-seed': { value: 'W', help: 'seed of the generated world, or of the choice of country questions' },
  n: { value: 'N', help: 'most questions (default 200)' },
  passages: { value: 'FILE', help: 'your own passages instead: txt, md or jsonl' },
  questions: { value: 'FILE', help: 'questions over them: JSON lines {"question": …, "golds": […]}' },
};

/** The world named on the command line, with at most --n questions. */
export async function openWorldOf(args: Args): Promise<{ world: World; recipe: Recipe }> {
  const seed = args.whole('world-seed') ?? 1;
  const n = args.whole('n', 1) ?? 200;
  const base = presets.quick;
  const recipe = { ...base, worldSeed: seed, evaluation: { ...base.evaluation, questions: n } };
  const file = args.text('passages');
  if (file !== undefined) return { world: await ownWorld(file, args.text('questions'), n), recipe };
  const name = args.text('world') ?? 'musique';
  if (name === 'musique') {
    const { passages, namesakes, hops } = recipe.world;
    return { world: generateWorld({ seed, passages, namesakes, hops, questions: n }), recipe };
  }
  if (name !== 'countries') throw new UsageError(`--world ${name}: choose musique or countries`);
  const world = await loadCountries({ seed, twoHop: n, threeHop: Math.ceil(n / 4) });
  return { world, recipe };
}

async function ownWorld(file: string, questionFile: string | undefined, n: number): Promise<World> {
  const { passages, problems } = readOwnPassages([{ name: basename(file), content: await readGiven(file) }]);
  for (const problem of problems) say(describeProblem(problem));
  if (passages.length === 0) throw new UsageError(`${file}: no passage could be read`);
  const questions =
    questionFile === undefined
      ? []
      : parseQuestions(new TextDecoder().decode(await readGiven(questionFile)), basename(questionFile));
  return { name: basename(file), seed: 0, passages, questions: questions.slice(0, n) };
}

async function readGiven(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

const questionSchema = z.object({ question: z.string().min(1), golds: z.array(z.string().min(1)).min(1) });

function parseQuestions(text: string, file: string): Question[] {
  return text.split('\n').flatMap((line, i): Question[] => {
    if (line.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw new UsageError(`${file}, line ${String(i + 1)}: is not JSON. Give one object a line.`);
    }
    const parsed = questionSchema.safeParse(value);
    if (!parsed.success) {
      throw new UsageError(
        `${file}, line ${String(i + 1)}: needs "question" and a list "golds" with at least one answer.`,
      );
    }
    return [{ id: `own-${String(i)}`, set: 'musique', text: parsed.data.question, golds: parsed.data.golds }];
  });
}
