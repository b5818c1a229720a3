import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { presets } from '../lab/presets.ts';
import type { Recipe } from '../lab/recipe.ts';
import { countriesTestWorld, testWorld } from '../lab/testWorld.ts';
import type { Passage } from '../retrieval/retriever.ts';
import { readOwnPassages } from '../world/ownPassages.ts';
import { describeProblem } from '../world/problems.ts';
import { questionLimits, readQuestionFile } from '../world/readers/questionFile.ts';
import {
  generatedSets,
  type GeneratedSet,
  type Question,
  type QuestionSet,
  type World,
} from '../world/types.ts';
import { UsageError, type Args, type Option } from './args.ts';
import { say } from './output.ts';

export const worldOptions: Readonly<Record<string, Option>> = {
  world: { value: 'NAME', help: 'generated (default; musique is the same) or countries (real facts)' },
  'world-seed': { value: 'W', help: 'seed of the generated world, or of the choice of country questions' },
  pages: { value: 'P', help: 'pages of the generated world (default 220)' },
  n: { value: 'N', help: 'most questions (default 200)' },
  passages: { value: 'FILE', help: 'your own passages instead: txt, md or jsonl' },
  questions: {
    value: 'FILE',
    help: 'questions of HotpotQA, 2Wiki, MuSiQue, Bamboogle or FlashRAG, over the file’s own paragraphs or --passages; or JSON lines {"question": …, "golds": […]}',
  },
};

/** Most bytes of a file of questions: what a string can hold, with room. */
const MOST_BYTES = 450_000_000;

export interface OpenedWorld {
  readonly world: World;
  readonly recipe: Recipe;
  /** Where the questions are a file's: how it was read. */
  readonly file?: ReadFile;
}

/**
 * The world named on the command line, with at most --n questions of each set.
 * @param sets those wanted; default all that there are
 * @throws UsageError if there is no question of one of `sets`
 */
export async function openWorldOf(args: Args, sets?: readonly string[]): Promise<OpenedWorld> {
  const opened = await openNamedWorld(args, sets);
  if (sets === undefined) return opened;
  const { questions, name } = opened.world;
  const there = [...new Set(questions.map(({ set }) => set as string))];
  const missing = sets.filter((set) => !there.includes(set));
  if (missing.length > 0) {
    throw new UsageError(
      `--sets ${missing.join(',')}: ${name} has no such questions; it has ${there.join(', ') || 'none'}`,
    );
  }
  const world = { ...opened.world, questions: questions.filter(({ set }) => sets.includes(set)) };
  return { ...opened, world };
}

async function openNamedWorld(args: Args, sets?: readonly string[]): Promise<OpenedWorld> {
  const seed = args.whole('world-seed') ?? 1;
  const n = args.whole('n', 1) ?? 200;
  const base = presets.quick;
  const pages = args.whole('pages', 50) ?? base.world.passages;
  const recipe = {
    ...base,
    worldSeed: seed,
    world: { ...base.world, passages: pages },
    evaluation: { ...base.evaluation, questions: n },
  };
  const passages = args.text('passages');
  const questions = args.text('questions');
  if (questions !== undefined) return { ...(await worldOfQuestions(questions, passages, n)), recipe };
  if (passages !== undefined) {
    const world = { name: basename(passages), seed: 0, passages: await passagesIn(passages), questions: [] };
    return { world, recipe };
  }
  const name = args.text('world') ?? 'generated';
  if (name === 'generated' || name === 'musique') {
    return { world: testWorld(recipe, seed, n, wantedWorldSets(sets)), recipe };
  }
  if (name !== 'countries') throw new UsageError(`--world ${name}: choose generated or countries`);
  return { world: await countriesTestWorld(seed, n), recipe };
}

/** Those of `sets` that a generated world has; all of its own where none is named, or none that it has. */
function wantedWorldSets(sets: readonly string[] = generatedSets): readonly GeneratedSet[] {
  const wanted = generatedSets.filter((set) => sets.includes(set));
  return wanted.length > 0 ? wanted : generatedSets;
}

async function passagesIn(path: string): Promise<readonly Passage[]> {
  const { passages, problems } = readOwnPassages([{ name: basename(path), content: await readGiven(path) }]);
  for (const problem of problems) say(describeProblem(problem));
  if (passages.length === 0) throw new UsageError(`${path}: no passage could be read`);
  return passages;
}

/** A file of questions as it was read, for the JSON document. */
interface ReadFile {
  readonly name: string;
  readonly layout: string;
  readonly set: QuestionSet;
  /** Rows looked at, questions read of them, and in words each row that was left out. */
  readonly rows: number;
  readonly questions: number;
  readonly leftOut: readonly string[];
}

/** Questions of a file over its own paragraphs, or over the passages given beside it. */
async function worldOfQuestions(
  path: string,
  passagesPath: string | undefined,
  n: number,
): Promise<{ world: World; file: ReadFile }> {
  const name = basename(path);
  const limits = { ...questionLimits, fileBytes: MOST_BYTES, questions: n, passages: Infinity };
  const read = readQuestionFile({ name, content: await readGiven(path) }, limits);
  if (read.kind === 'other') throw new UsageError(describeProblem(read.problem));
  const { layout, set, rows, questions, notes } = read;
  const leftOut = read.leftOut.map(describeProblem);
  if (questions.length === 0) {
    throw new UsageError([...leftOut, `${name}: no question could be read`].join('\n'));
  }
  for (const line of [...leftOut, ...notes.map(describeProblem)]) say(line);
  say(
    `${name}: layout ${layout}, set ${set}, ${String(questions.length)} of ${String(rows)} rows read, ${String(read.passages.length)} passages`,
  );
  const file = { name, layout, set, rows, questions: questions.length, leftOut };
  if (passagesPath !== undefined) {
    if (read.passages.length > 0) {
      say(`searched are the passages of --passages, not those of ${name}; its gold passages are not marked`);
    }
    const world = { name: basename(passagesPath), seed: 0, passages: await passagesIn(passagesPath) };
    return { world: { ...world, questions: questions.map(withoutChain) }, file };
  }
  if (read.passages.length === 0) {
    say(`${name}: no paragraphs in it, so every search finds nothing; give some with --passages FILE`);
  }
  return { world: { name, seed: 0, passages: read.passages, questions }, file };
}

/** The chain names passages of a corpus that is not searched; how long it is stays known. */
function withoutChain({ chain, ...question }: Question): Question {
  return chain === undefined ? question : { ...question, hops: chain.length };
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
