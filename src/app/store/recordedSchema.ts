import { z } from 'zod';
import type { RecordedRun, Scores, StepMetrics } from '../../lab/protocol.ts';
import { completeRecipe } from '../../lab/presets.ts';
import type { Recipe } from '../../lab/recipe.ts';
import { behavioursOf } from '../../traces/behaviours.ts';
import { behaviourNames, type Trace } from '../../traces/trace.ts';
import { traceSchema } from '../../traces/traceSchema.ts';
import type { Question } from '../../world/types.ts';

/** Shape of recorded runs at the border: whatever comes from a file is unknown until it has passed here. */

const finite = z.number();

const question: z.ZodType<Question> = z.object({
  id: z.string(),
  set: z.enum(['musique', 'hotpotqa', '2wiki', 'bamboogle', 'countries']),
  text: z.string(),
  golds: z.array(z.string()),
  chain: z
    .array(
      z.object({
        subject: z.string(),
        relation: z.string(),
        object: z.string(),
        passageId: z.string(),
        query: z.string(),
      }),
    )
    .exactOptional(),
});

const share = z.number().min(0).max(1);

export const metricsSchema: z.ZodType<StepMetrics> = z.object({
  step: finite,
  reward: finite,
  em: finite,
  f1: finite,
  formatRate: finite,
  searches: finite,
  responseTokens: finite,
  selfCorrections: finite,
  behaviours: z.record(z.enum(behaviourNames), share).exactOptional(),
  entropy: finite,
  kl: finite,
  clipFraction: finite,
  zeroSpreadGroups: finite,
  gradNorm: finite,
  secondsRollout: finite,
  secondsTrain: finite,
  tokensGenerated: finite,
  tokensTrained: finite,
});

export const scoresSchema: z.ZodType<Scores> = z.object({
  n: finite,
  em: finite,
  f1: finite,
  reward: finite,
  searches: finite,
  responseTokens: finite,
  selfCorrections: finite,
  emSampled: finite,
  emByHops: z.record(z.string(), z.object({ n: finite, em: finite })).exactOptional(),
});

/** Behaviours are those that the page's own detectors find, whatever was written when the run was recorded. */
const trace = traceSchema.transform((recorded): Trace => ({
  ...recorded,
  behaviours: behavioursOf(recorded),
}));

export const groupSchema = z.object({
  group: finite,
  question,
  traces: z.array(trace),
  meanReward: finite,
  stdReward: finite,
});

/** A recipe as it was recorded: fields that came later have the values they stand for by being absent. */
export const recipeSchema = z.unknown().transform((value, context): Recipe => {
  try {
    return completeRecipe(value, 'recorded');
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

const recordedRun: z.ZodType<RecordedRun> = z.object({
  version: z.literal(1),
  recipe: recipeSchema,
  backend: z.string(),
  command: z.string(),
  before: z.record(z.string(), scoresSchema),
  after: z.record(z.string(), scoresSchema),
  steps: z.array(metricsSchema).min(1),
  groups: z.array(z.object({ step: finite, groups: z.array(groupSchema) })),
  pairs: z.array(z.object({ question, base: trace, trained: trace })),
});

/** The run in `value`. Throws an Error naming `name` and the first field that does not fit. */
export function parseRecordedRun(value: unknown, name: string): RecordedRun {
  const parsed = recordedRun.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? 'the whole file' : issue.path.join('.');
  throw new Error(`${name}: ${field}: ${issue?.message ?? 'does not fit'}`);
}
