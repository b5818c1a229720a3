/** One measured comparison; a ratio above 1 always means that ours is better. */
export interface Row {
  readonly suite: string;
  /** What was measured: shapes, threads, backend. */
  readonly case: string;
  /** Median of ours and of the peer, in `unit`; null when the peer cannot run here (`note` says why). */
  readonly ours: number | null;
  readonly peer: number | null;
  readonly peerName: string;
  /** ours over peer, or peer over ours where less is better; null when there is nothing to compare. */
  readonly ratio: number | null;
  readonly unit: string;
  /** The ratio that issue or docs ask for, where one is named. */
  readonly floor?: number;
  /** Share of the machine's own limit, measured in the same run (peak matmul rate or copy bandwidth), 0…1. */
  readonly ofLimit?: number;
  readonly note?: string;
}

export interface SuiteContext {
  /** Says what is under way; goes to stderr. */
  readonly say: (text: string) => void;
  /** Shorter measurements, to try a suite out; the figures are not to be quoted. */
  readonly quick: boolean;
}

/** One suite of measurements: `npm run -s bench -- NAME`. */
export interface Suite {
  readonly name: string;
  readonly help: string;
  run(context: SuiteContext): Promise<Row[]>;
}
