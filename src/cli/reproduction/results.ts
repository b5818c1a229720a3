import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { untrainedMethods } from './plan.ts';

const interval = z.tuple([z.number(), z.number()]);
const numbers = z.object({
  n: z.number(),
  em: z.number(),
  f1: z.number(),
  searches: z.number(),
  ci95: interval,
});
const row = numbers.extend({
  method: z.enum([...untrainedMethods, 'research']),
  set: z.string(),
  selfCorrections: z.number(),
  byHops: z.record(z.string(), numbers).optional(),
  searchesByHops: z.number().nullable().optional(),
});
const evaluated = z.object({
  rows: z.array(row),
  seconds: z.number(),
  file: z
    .object({ layout: z.string(), rows: z.number(), questions: z.number(), leftOut: z.array(z.string()) })
    .optional(),
});
export type Row = z.infer<typeof row>;
export type Evaluated = z.infer<typeof evaluated>;

const scores = z.object({
  em: z.number(),
  emSampled: z.number(),
  searches: z.number(),
  selfCorrections: z.number(),
});
const step = z.object({
  step: z.number(),
  reward: z.number(),
  em: z.number(),
  searches: z.number(),
  selfCorrections: z.number(),
  responseTokens: z.number(),
  entropy: z.number(),
  formatRate: z.number(),
  zeroSpreadGroups: z.number(),
  gradNorm: z.number(),
});
const trained = z.object({
  seconds: z.number(),
  before: z.object({ musique: scores }),
  after: z.object({ musique: scores }),
  steps: z.array(step),
});
export type Step = z.infer<typeof step>;
export type Trained = z.infer<typeof trained>;

/** Everything that the study's tasks wrote. */
export interface StudyResults {
  readonly command: string;
  readonly n: number;
  readonly pages: number;
  readonly seeds: readonly number[];
  readonly ablationSeeds: readonly number[];
  readonly training: readonly Trained[];
  readonly untrained: readonly Evaluated[];
  readonly trained: readonly Evaluated[];
  /** By the name of the ablation, or of the collapsing pair. */
  readonly variations: ReadonlyMap<string, readonly Trained[]>;
  readonly samples: readonly { readonly file: string; readonly evaluated: Evaluated }[];
}

async function read<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(
    `${file}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}. Delete it and run reproduce again.`,
  );
}

export const readEvaluated = (file: string): Promise<Evaluated> => read(file, evaluated);
export const readTrained = (file: string): Promise<Trained> => read(file, trained);
