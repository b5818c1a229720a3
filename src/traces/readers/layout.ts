import type { z } from 'zod';
import type { ToldRollout } from './rollout.ts';

/** One way in which rollouts are written to files. */
export interface Layout {
  /** Whose it is, as the page says it: “read as …”. */
  readonly name: string;
  /** Whether a row is of this layout, by the names of its fields. */
  readonly fits: (row: Readonly<Record<string, unknown>>) => boolean;
  /** The rollouts of a row. Throws an Error that names the field that is wrong. */
  readonly read: (row: unknown) => readonly ToldRollout[];
}

/** A layout whose rows a schema describes. */
export function layout<T>(
  name: string,
  needs: readonly string[],
  schema: z.ZodType<T>,
  read: (row: T) => ToldRollout | readonly ToldRollout[],
): Layout {
  return {
    name,
    fits: (row) => needs.every((field) => field.split('|').some((one) => one in row)),
    read: (row) => {
      const told = read(parsed(schema, row));
      return Array.isArray(told) ? (told as readonly ToldRollout[]) : [told as ToldRollout];
    },
  };
}

/** The value as its schema has it. Throws an Error that names the first field that does not fit. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  throw new Error(`${field === '' ? 'the row' : `field "${field}"`}: ${issue?.message ?? 'does not fit'}.`);
}
