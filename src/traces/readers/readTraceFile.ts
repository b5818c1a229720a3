import { traceSchema } from '../traceSchema.ts';
import type { Trace } from '../trace.ts';
import { evaluationLayouts } from './evaluationLayouts.ts';
import { groupsOf, type ReadGroup } from './groupsOf.ts';
import { parsed, type Layout } from './layout.ts';
import { tracesOfRun } from './recordedLayout.ts';
import type { ToldRollout } from './rollout.ts';
import { rowsOf, type FileProblem, type FileRow } from './rows.ts';
import { spansOf } from './spans.ts';
import { toTrace, type Scorer } from './toTrace.ts';
import { trainingLayouts } from './trainingLayouts.ts';

export type { FileProblem };

/** What a file of rollouts holds. */
export interface ReadTraces {
  /** What it was read as, in words. */
  readonly format: string;
  readonly groups: readonly ReadGroup[];
  /** Advantages are not of the file: they were worked out from the rewards of each group. */
  readonly advantagesWorkedOut: boolean;
  /** Rows that were left out, and why. */
  readonly problems: readonly FileProblem[];
}

const layouts: readonly Layout[] = [...trainingLayouts, ...evaluationLayouts];

/** Names of the layouts, for people. */
export const traceFormats: readonly string[] = [
  'this page’s own traces and runs',
  ...layouts.map(({ name }) => name),
  'plain text with tags',
];

/** Most rollouts of a file: beyond it a tab has not the memory. */
const mostRollouts = 20_000;

/**
 * Reads a file of rollouts in any of the layouts that are known; good rows are kept where others are not.
 * @param name of the file, for messages
 * @throws Error that says what is wrong, and where, when nothing in it can be read
 */
export function readTraceFile(text: string, name: string, scorer: Scorer): ReadTraces {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trim() === '') throw new Error(`${name} is empty.`);
  try {
    return /^\s*[[{]/.test(plain) ? readRows(plain, scorer) : readText(plain, name, scorer);
  } catch (error) {
    throw new Error(`${name} could not be read. ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function readText(text: string, name: string, scorer: Scorer): ReadTraces {
  const spans = spansOf(text);
  if (spans.every(({ kind }) => kind === 'text'))
    throw new Error('It is neither JSON nor a text with tags such as <think>, <search> and <answer>.');
  const told: ToldRollout = { question: name, golds: [], prompt: '', spans };
  const trace = toTrace(told, name, { group: 0, rollout: 0 }, scorer);
  return {
    format: 'plain text with tags',
    groups: [{ traces: [trace] }],
    advantagesWorkedOut: false,
    problems: [],
  };
}

function readRows(text: string, scorer: Scorer): ReadTraces {
  const { rows, problems: broken } = rowsOf(text);
  const run = rows.length === 1 ? tracesOfRun(rows[0]?.value) : undefined;
  if (run !== undefined)
    return readOwn(
      run.map((value, i) => ({ where: `rollout ${i + 1}`, value })),
      broken,
      'a run of this page',
    );
  const [first] = rows;
  if (isOwn(first?.value)) return readOwn(rows, broken, 'traces of this page');
  const found = layouts.find(({ fits }) =>
    rows.slice(0, 20).some(({ value }) => isObject(value) && fits(value)),
  );
  if (found === undefined) throw new Error(foreign(first?.value));
  const problems = [...broken];
  const told: ToldRollout[] = [];
  for (const { where, value } of rows) {
    try {
      if (!isObject(value) || !found.fits(value)) throw new Error(`it has not the fields of ${found.name}.`);
      told.push(...found.read(value));
    } catch (error) {
      problems.push(problemOf(where, error));
    }
  }
  if (told.length === 0) throw nothing(problems);
  if (told.length > mostRollouts)
    throw new Error(
      `It holds ${told.length} rollouts; at most ${mostRollouts} can be opened. Cut it into files.`,
    );
  const traces = told.map((rollout, i) => ({
    trace: toTrace(rollout, `rollout ${i + 1}`, { group: 0, rollout: 0 }, scorer),
    key: rollout.group ?? rollout.prompt,
  }));
  return { format: found.name, ...groupsOf(traces), problems };
}

function readOwn(rows: readonly FileRow[], broken: readonly FileProblem[], format: string): ReadTraces {
  const problems = [...broken];
  const traces: Trace[] = [];
  for (const { where, value } of rows) {
    try {
      traces.push(parsed(traceSchema, value));
    } catch (error) {
      problems.push(problemOf(where, error));
    }
  }
  if (traces.length === 0) throw nothing(problems);
  const keyed = traces.map((trace) => ({ trace, key: `${trace.group ?? ''} ${trace.question.id}` }));
  return { format, ...groupsOf(keyed), problems };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isOwn = (value: unknown): boolean => isObject(value) && 'segments' in value && 'tokens' in value;

const problemOf = (where: string, error: unknown): FileProblem => ({
  where,
  message: error instanceof Error ? error.message : String(error),
});

function nothing([first]: readonly FileProblem[]): Error {
  return new Error(
    `No row of it can be read. ${first === undefined ? 'It has none.' : `First, ${first.where}: ${first.message}`}`,
  );
}

/** Why a row is of no known layout. */
function foreign(row: unknown): string {
  const fields = isObject(row) ? Object.keys(row) : [];
  if (fields.includes('token_ids') && !fields.includes('nodes'))
    return 'It holds token ids and no text (prime-rl’s exports do); there is nothing to read in it.';
  const has =
    fields.length === 0
      ? 'Its rows are no objects'
      : `Its rows have the fields ${fields.slice(0, 8).join(', ')}${fields.length > 8 ? ' …' : ''}`;
  return `${has}; that is none of the layouts that are known: ${traceFormats.join('; ')}.`;
}
