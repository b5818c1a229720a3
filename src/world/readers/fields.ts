import { z } from 'zod';
import { tidy } from './rows.ts';

/** Some tools write lists and objects as JSON inside a string. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** A field that may also stand as JSON inside a string. */
export const nested = <T extends z.ZodType>(schema: T) => z.preprocess(unwrapped, schema);

export const words = z.string().transform(tidy);

/** Ids are numbers in some files. */
export const idField = z
  .union([z.string(), z.number()])
  .transform((id) => tidy(String(id)))
  .optional()
  .catch(undefined);

const answer = z
  .union([z.string(), z.number(), z.null()])
  .transform((given) => (given === null ? '' : tidy(String(given))));

/** One answer or a list of them, without empty and repeated ones. */
export const answersField = nested(z.union([answer.transform((one) => [one]), z.array(answer)]))
  .optional()
  .transform((given) => [...new Set(given ?? [])].filter((one) => one !== ''));

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  tuple: 'a list',
};

/** Why a row does not fit, by its first wrong field, and the mend. */
export function misfit(error: z.ZodError, fields: unknown, mend: string): string {
  const issue = error.issues[0];
  let value: unknown = fields;
  for (const part of issue?.path ?? []) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
  }
  const name = issue === undefined || issue.path.length === 0 ? 'the row' : `"${issue.path.join('.')}"`;
  const expected = issue?.code === 'invalid_type' ? kinds[issue.expected] : undefined;
  const wrong =
    value === undefined || value === null
      ? 'is missing'
      : expected === undefined
        ? 'is not as it should be'
        : `is not ${expected}`;
  return `${name} ${wrong}. ${mend}`;
}
