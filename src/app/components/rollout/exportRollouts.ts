import { writeTraces } from '../../../traces/jsonl.ts';
import type { RolloutEntry } from '../../store/rolloutList.ts';
import { saveFile } from '../saveFile.ts';

/** Rollouts as a file to save, one trace a line; this page and the terminal read it again. */
export function exportRollouts(entries: readonly RolloutEntry[]): void {
  const traces = entries.map(({ trace }) => trace);
  saveFile(`rollouts-${traces.length}.jsonl`, writeTraces(traces), 'application/jsonl');
}
