import type { FileProblem } from '../../traces/readers/readTraceFile.ts';
import type { Trace } from '../../traces/trace.ts';

let lastId = 0;

/** An id for what is listed beside the run. */
export const freshFileId = (): number => ++lastId;

/** A file of rollouts that a visitor opened, or answers of Play to go on with; it stays in the tab. */
export interface ImportedFile {
  readonly id: number;
  readonly name: string;
  /** What it was read as, in words. */
  readonly format: string;
  readonly groups: readonly ImportedGroup[];
  /** Advantages are not of the file: they were worked out from the rewards of each group. */
  readonly advantagesWorkedOut: boolean;
  /** Lines that were left out, and why. */
  readonly problems: readonly FileProblem[];
}

export interface ImportedGroup {
  readonly traces: readonly Trace[];
  readonly mean?: number;
  readonly std?: number;
}
