import { z } from 'zod';

/**
 * A run between two updates, as data: with its recipe it goes on from here as if it had never stopped. Sizes are those
 * of the model's flat buffer (engine/parameters.ts), which is laid out alike on every backend.
 */
export interface RunCheckpoint {
  readonly version: 1;
  /** Updates done. */
  readonly updates: number;
  /** [size] */
  readonly weights: Float32Array;
  /** AdamW's moments, [size] each, and its steps. */
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly adamStep: number;
  /** What has been measured of the run already. */
  readonly evaluatedBefore: boolean;
  readonly evaluatedAfter: boolean;
}

const floats = z.instanceof(Float32Array);
const count = z.number().int().min(0);

const schema = z
  .strictObject({
    version: z.literal(1),
    updates: count,
    weights: floats,
    m: floats,
    v: floats,
    adamStep: count,
    evaluatedBefore: z.boolean(),
    evaluatedAfter: z.boolean(),
  })
  .refine(({ weights, m, v }) => weights.length === m.length && m.length === v.length, {
    message: 'weights and moments differ in size',
  })
  .refine(({ weights, m, v }) => [weights, m, v].every((values) => values.every(Number.isFinite)), {
    message: 'a weight or moment is no number',
  });

/** A checkpoint from unknown data. @throws Error naming `source` and the first thing that does not fit */
export function parseCheckpoint(value: unknown, source: string): RunCheckpoint {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new Error(`${source} cannot be gone on with: ${field}${issue?.message ?? 'it does not fit'}.`);
}
