import { z } from 'zod';
import type { RunCheckpoint } from '../../lab/checkpoint.ts';
import type { StepMetrics } from '../../lab/protocol.ts';
import { parseCheckpoint } from '../../lab/checkpoint.ts';
import type { Recipe } from '../../lab/recipe.ts';
import type { Evaluation, KeptUpdate, Turned } from './labState.ts';
import { groupSchema, metricsSchema, recipeSchema, scoresSchema } from './recordedSchema.ts';

/** A run of this tab as it is kept in the browser, without its weights: those are its checkpoint. */
export interface StoredRun {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly begun: number;
  readonly changed: number;
  readonly recipe: Recipe;
  readonly backend: string;
  readonly steps: readonly StepMetrics[];
  readonly evaluations: readonly Evaluation[];
  /** Dials turned on the way. */
  readonly turned: readonly Turned[];
  /** Groups of the newest update. */
  readonly kept: readonly KeptUpdate[];
}

const whole = z.number().int().min(0);

const storedRun: z.ZodType<StoredRun> = z.object({
  version: z.literal(1),
  id: z.string().min(1).max(64),
  name: z.string().max(200),
  begun: z.number(),
  changed: z.number(),
  recipe: recipeSchema,
  backend: z.string(),
  steps: z.array(metricsSchema),
  evaluations: z.array(
    z.object({
      when: z.enum(['before', 'during', 'after']),
      step: whole,
      scores: z.record(z.string(), scoresSchema),
    }),
  ),
  turned: z.array(z.object({ step: whole, changes: z.array(z.string()) })),
  kept: z.array(z.object({ step: whole, groups: z.array(groupSchema) })),
});

const problemOf = ({ issues: [issue] }: z.ZodError): string => {
  const field = issue === undefined || issue.path.length === 0 ? 'the whole of it' : issue.path.join('.');
  return `${field}: ${issue?.message ?? 'does not fit'}`;
};

/** A kept run from unknown data. @throws Error naming `source` and the first field that does not fit */
export function parseStoredRun(value: unknown, source: string): StoredRun {
  const parsed = storedRun.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`${source} is no run of this page: ${problemOf(parsed.error)}.`);
}

const arrays = ['weights', 'm', 'v'] as const;

const runFile = z.object({
  kind: z.literal('research-playground run'),
  run: z.unknown(),
  checkpoint: z.record(z.string(), z.unknown()),
});

/** A run with its checkpoint as one JSON text; numbers of the checkpoint as base64 of their bytes. */
export function writeRunFile(run: StoredRun, checkpoint: RunCheckpoint): string {
  const written = Object.fromEntries(arrays.map((name) => [name, toBase64(checkpoint[name])]));
  return JSON.stringify({
    kind: 'research-playground run',
    run,
    checkpoint: { ...checkpoint, ...written },
  });
}

/** What `writeRunFile` wrote. @throws Error naming `source` and what does not fit */
export function readRunFile(
  text: string,
  source: string,
): { readonly run: StoredRun; readonly checkpoint: RunCheckpoint } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${source} is not JSON.`);
  }
  const parsed = runFile.safeParse(value);
  if (!parsed.success) throw new Error(`${source} is no run of this page: ${problemOf(parsed.error)}.`);
  const { run, checkpoint } = parsed.data;
  const numbers = arrays.map((name) => [name, fromBase64(checkpoint[name], `${source}: ${name}`)] as const);
  return {
    run: parseStoredRun(run, source),
    checkpoint: parseCheckpoint({ ...checkpoint, ...Object.fromEntries(numbers) }, source),
  };
}

function toBase64(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = '';
  // In parts: a call takes only so many arguments.
  for (let from = 0; from < bytes.length; from += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
  }
  return btoa(text);
}

function fromBase64(text: unknown, source: string): Float32Array {
  if (typeof text !== 'string') throw new Error(`${source} is missing.`);
  let bytes: string;
  try {
    bytes = atob(text);
  } catch {
    throw new Error(`${source} is not base64.`);
  }
  if (bytes.length % 4 !== 0) throw new Error(`${source} is cut off.`);
  return new Float32Array(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)).buffer);
}
