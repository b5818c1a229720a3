/** A row of a file: its value, and where it stands: “line 3”, or “row 3” of a list. */
export interface FileRow {
  readonly where: string;
  readonly value: unknown;
}

/** A row that was left out of what was read. */
export interface FileProblem {
  readonly where: string;
  readonly message: string;
}

export interface FileRows {
  readonly rows: readonly FileRow[];
  readonly problems: readonly FileProblem[];
}

/** Lists in which files of one JSON value keep their rows. */
const lists = ['samples', 'traces', 'results', 'rows', 'data'] as const;

/**
 * Rows of a JSON or JSON Lines text, whatever its name ends in: the elements of an array, the elements of the one list
 * that an object holds, or a value a line. A file that breaks off keeps the lines before.
 * @throws Error where the text is neither
 */
export function rowsOf(text: string): FileRows {
  const whole = json(text);
  if (whole.ok)
    return {
      rows: elements(whole.value).map((value, i) => ({ where: `row ${i + 1}`, value })),
      problems: [],
    };
  const rows: FileRow[] = [];
  const problems: FileProblem[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const one = json(line);
    if (one.ok) rows.push({ where: `line ${i + 1}`, value: one.value });
    else problems.push({ where: `line ${i + 1}`, message: `not JSON (${one.reason})` });
  }
  if (rows.length === 0) {
    throw new Error(`It is neither JSON nor JSON Lines: ${whole.reason}.`);
  }
  return { rows, problems };
}

type Json = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

function json(text: string): Json {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function elements(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return [value];
  const fields = value as Record<string, unknown>;
  // An episode of verifiers is a row itself.
  if ('task' in fields || 'group' in fields) return [value];
  for (const name of lists) {
    const list = fields[name];
    if (Array.isArray(list)) return list;
  }
  return [value];
}
