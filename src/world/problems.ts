/** Something that was left out or mended, in words for the person whose file it is. */
export interface OwnProblem {
  readonly file: string;
  /** 1-based; absent where the whole file is meant. */
  readonly line?: number;
  /** What is wrong and how to mend it. */
  readonly message: string;
}

/** One line for a person: "notes.jsonl, line 3: not JSON. …". */
export function describeProblem({ file, line, message }: OwnProblem): string {
  return `${file}${line === undefined ? '' : `, line ${line}`}: ${message}`;
}

/** Problems told one by one up to a limit; the rest are counted. */
export class ProblemList {
  private readonly told: OwnProblem[] = [];
  private readonly most: number;
  private untold = 0;

  constructor(most: number) {
    this.most = most;
  }

  get count(): number {
    return this.told.length + this.untold;
  }

  add(file: string, message: string, line?: number): void {
    if (this.told.length >= this.most) this.untold++;
    else this.told.push({ file, message, ...(line === undefined ? {} : { line }) });
  }

  all(): readonly OwnProblem[] {
    if (this.untold === 0) return this.told;
    return [...this.told, { file: 'all files', message: `and ${this.untold} more problems of these kinds.` }];
  }
}
