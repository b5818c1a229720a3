import { traceSchema } from './traceSchema.ts';
import type { Trace } from './trace.ts';

/** One trace a line, in order, with a newline at the end. */
export function writeTraces(traces: readonly Trace[]): string {
  return traces.map((trace) => `${JSON.stringify(trace)}\n`).join('');
}

/**
 * Traces of a JSON Lines text; blank lines are skipped.
 * @param source name of the file, for messages.
 * @throws Error naming the line and the field of the first thing that is wrong; nothing is read then.
 */
export function readTraces(text: string, source: string): Trace[] {
  const traces: Trace[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    traces.push(readLine(line, `${source}, line ${i + 1}`));
  }
  return traces;
}

function readLine(line: string, where: string): Trace {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${where}: not JSON (${reason}). Each line must hold one whole trace.`, {
      cause: error,
    });
  }
  const result = traceSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  throw new Error(
    `${where}: ${field === '' ? 'the trace' : `field "${field}"`}: ${issue?.message ?? 'not a trace'}.`,
  );
}
