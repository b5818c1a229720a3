/** How far a model has come, and how fast it comes. */
export interface ModelProgress {
  readonly name: string;
  /** File on its way. */
  readonly file: string;
  readonly done: number;
  readonly total: number;
  /** Bytes a second, over the last seconds; absent before anything can be said. */
  readonly rate?: number;
}

/** Milliseconds between two reports, and how far back the rate looks. */
const EVERY = 200;
const WINDOW = 5000;

/** Counts bytes of a model's files, and tells now and then. Bytes that were there before are no rate. */
export class Progress {
  private readonly name: string;
  private readonly total: number;
  private readonly now: () => number;
  private readonly tell: (progress: ModelProgress) => void;
  private before = 0;
  private told = -Infinity;
  private file = '';
  private seen: { readonly at: number; readonly done: number }[] = [];

  constructor(name: string, total: number, now: () => number, tell: (progress: ModelProgress) => void) {
    this.name = name;
    this.total = total;
    this.now = now;
    this.tell = tell;
  }

  /** A file begins, of which `have` bytes are here. */
  begin(file: string, have: number): void {
    this.file = file;
    this.seen = [];
    this.report(have, true);
  }

  /** `have` bytes of the file are here now. */
  bytes(have: number): void {
    this.report(have, false);
  }

  /** The file is whole. */
  end(bytes: number): void {
    this.before += bytes;
    this.report(0, true);
  }

  private report(have: number, always: boolean): void {
    const at = this.now();
    if (!always && at - this.told < EVERY) return;
    this.told = at;
    const done = this.before + have;
    this.seen = [...this.seen.filter((past) => at - past.at <= WINDOW), { at, done }];
    const first = this.seen[0];
    const seconds = first === undefined ? 0 : (at - first.at) / 1000;
    const rate = seconds > 0 && first !== undefined ? (done - first.done) / seconds : undefined;
    this.tell({
      name: this.name,
      file: this.file,
      done,
      total: this.total,
      ...(rate === undefined || rate <= 0 ? {} : { rate }),
    });
  }
}
