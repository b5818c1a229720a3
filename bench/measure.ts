/** Timing: contenders warmed up, then run in turn, so that a load on the machine falls on all of them alike. */

export interface Contender {
  readonly name: string;
  /**
   * Does the work once, to its end: results read back, device idle. What runs elsewhere (in a page, in another
   * process) returns the seconds by its own clock; else the call is timed.
   */
  readonly run: () => Promise<number | void> | number | void;
}

export interface MeasureOptions {
  readonly warmups: number;
  /** Least rounds, and least seconds in all: the rounds go on until both are reached. */
  readonly rounds: number;
  readonly seconds: number;
}

/** Median seconds of one run, by contender's name. Every round runs each contender once, in turn. */
export async function measure(
  contenders: readonly Contender[],
  { warmups, rounds, seconds }: MeasureOptions,
): Promise<Map<string, number>> {
  for (const { run } of contenders) for (let i = 0; i < warmups; i++) await run();
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const began = performance.now();
  for (let round = 0; round < rounds || performance.now() - began < seconds * 1000; round++) {
    for (const { name, run } of contenders) {
      const start = performance.now();
      const own = await run();
      times.get(name)?.push(own ?? (performance.now() - start) / 1000);
    }
  }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  if (high === undefined) return NaN;
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}
