import { EnginePolicy } from '../policy/enginePolicy.ts';
import { formatOf } from '../research/format.ts';
import { rollOut } from '../research/rollout.ts';
import { groupTasks } from '../research/rolloutOptions.ts';
import type { Trace } from '../traces/trace.ts';
import type { Question } from '../world/types.ts';
import { Args, UsageError, type Option } from './args.ts';
import { askingOptions, beginAsking, endAsking, promptOf, writeAsked } from './asking.ts';
import { openPolicy, weightKindOf } from './models.ts';
import { say } from './output.ts';
import { openWorldOf } from './worldOf.ts';

export const rolloutOptions: Readonly<Record<string, Option>> = {
  ...askingOptions,
  n: { value: 'N', help: 'how many of the world’s questions, without --question (default 3)' },
  question: { value: 'TEXT', help: 'ask this (default: the first questions of the world)' },
  gold: { value: 'TEXT', help: 'the right answer to --question, for the reward' },
  group: { value: 'G', help: 'rollouts a question (default 1)' },
  temperature: { value: 'T', help: '0 is greedy (default 1)' },
  seed: { value: 'S', help: 'seed of the draws (default 1)' },
  policy: {
    value: 'base|trained|PATH',
    help: 'which weights, or folder of an adapter (default the trained checkpoint)',
  },
  'max-tokens': { value: 'N', help: 'most response tokens (default the recipe’s)' },
  json: { value: 'FILE', help: 'write one JSON document with the transcripts' },
};

/** Rollouts of one policy, printed for reading. */
export async function runRollout(argv: readonly string[]): Promise<void> {
  const args = new Args(argv, rolloutOptions);
  const seed = args.whole('seed') ?? 1;
  const temperature = args.number('temperature') ?? 1;
  if (temperature < 0) throw new UsageError(`--temperature ${String(temperature)}: give 0 or more`);
  const opened = await openWorldOf(args);
  const questions = questionsOf(args, opened.world.questions);
  const asking = await beginAsking(args, opened);
  const { backend, folder, retriever, recipe } = asking;
  const { name, decoder, tokenizer } = await openPolicy(
    backend,
    folder,
    args.text('policy'),
    weightKindOf(args),
  );
  say(`policy: ${name}`);
  const traces = await rollOut(
    new EnginePolicy({ name, decoder, tokenizer }),
    retriever,
    groupTasks(questions, args.whole('group', 1) ?? 1),
    {
      format: formatOf(tokenizer, promptOf(args)),
      sampling: { temperature, topK: 0, topP: 1 },
      seed,
      passages: recipe.rollout.passages,
      maxTokens: args.whole('max-tokens', 1) ?? recipe.rollout.maxTokens,
      maxSearches: recipe.rollout.maxSearches,
      emptyQuery: 'answer nothing',
      slots: 128,
      label: 'rollout',
    },
  );
  for (const trace of traces) say(readable(trace));
  if (args.text('json') !== undefined) await writeAsked(asking, args, { policy: name, traces }, seed);
  await endAsking(asking, args, traces);
}

function questionsOf(args: Args, ofWorld: readonly Question[]): readonly Question[] {
  const text = args.text('question');
  const gold = args.text('gold');
  if (text === undefined) {
    if (gold !== undefined) throw new UsageError('--gold belongs to --question TEXT');
    if (ofWorld.length === 0) throw new UsageError('there is no question: give --question TEXT');
    return ofWorld.slice(0, args.whole('n', 1) ?? 3);
  }
  return [{ id: 'asked', set: 'musique', text, golds: gold === undefined ? [] : [gold] }];
}

/** A transcript for the terminal: one line a segment, the reward at the end. */
function readable(trace: Trace): string {
  const { question, segments, reward, stop } = trace;
  const lines = segments.map(({ kind, text }) => `  ${kind.padEnd(7)} ${text.replaceAll('\n', ' ')}`);
  const golds = question.golds.length > 0 ? ` (${question.golds.join(' | ')})` : '';
  const verdict =
    reward && question.golds.length > 0
      ? `  reward  ${reward.value.toFixed(3)}, ${reward.branch}`
      : `  stop    ${stop}`;
  return [`\n${question.text}${golds}`, ...lines, verdict].join('\n');
}
