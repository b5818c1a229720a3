/** A row of a file, in order: what it holds, or why that could not be read. */
export type Row = {
  /** 1-based, counted over rows, not lines. */
  readonly row: number;
  /** 1-based line on which it starts. */
  readonly line: number;
} & ({ readonly value: unknown } | { readonly problem: string });

/** The fields of a row by lower-case name (the sets write "Question" here and "question" there), if it is an object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name.trim().toLowerCase(), field]));
}

/** White space of any kind, non-breaking too, as single spaces; none outside. */
export const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim();
