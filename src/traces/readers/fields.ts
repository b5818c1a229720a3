import { z } from 'zod';

/** Fields that several layouts write in more than one way. */

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Accepted answers: a string, a list, `{ target: … }`, or JSON of one of them in a string. */
export const golds: z.ZodType<readonly string[]> = z.unknown().transform((value) => goldsOf(value));

function goldsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => goldsOf(one));
  if (typeof value === 'object' && value !== null) {
    const { target, answer, ground_truth: truth } = value as Record<string, unknown>;
    return goldsOf(target ?? answer ?? truth);
  }
  const told = text.safeParse(value);
  if (!told.success) return [];
  if (/^\s*[[{]/.test(told.data)) {
    try {
      return goldsOf(JSON.parse(told.data));
    } catch {
      // A bracket that is no JSON is an answer with a bracket.
    }
  }
  return [told.data];
}

/** The question in a prompt of a chat template or of the paper's base template; the whole prompt where it is neither. */
export function questionIn(prompt: string): string {
  const user = [...prompt.matchAll(/<\|im_start\|>user\n([\s\S]*?)<\|im_end\|>/g)].at(-1)?.[1];
  const base = /User:\s*([\s\S]*?)\s*Assistant:\s*$/.exec(prompt)?.[1];
  const said = (user ?? base ?? prompt).trim();
  // Instructions come before the question, which is then named.
  return (/(?:^|\n)\s*Question:\s*([\s\S]+)$/i.exec(said)?.[1] ?? said).trim();
}

export const optionalNumber = z.number().nullish();
export const optionalText = z.string().nullish();
