import type { Row } from '../suite.ts';

export interface Comparison {
  readonly suite: string;
  readonly case: string;
  /** Work of one run in `unit` seconds: runs a second times this is what the row shows. */
  readonly amount: number;
  readonly unit: string;
  readonly seconds: ReadonlyMap<string, number>;
  /** Our key in `seconds`. */
  readonly ours: string;
  /** Key in `seconds` and name of each peer; the fastest is the one compared with. */
  readonly peers: readonly { readonly id: string; readonly label: string }[];
  readonly floor?: number;
  /** Our share of the machine's limit, from the seconds of one run. */
  readonly share?: (seconds: number) => number;
  readonly notes?: readonly string[];
}

/** The row of ours against the fastest peer; the others are named in its note. */
export function compared(comparison: Comparison): Row {
  const { suite, amount, unit, seconds, floor, share } = comparison;
  const ours = seconds.get(comparison.ours) ?? NaN;
  const ranked = comparison.peers
    .flatMap(({ id, label }) => {
      const time = seconds.get(id);
      return time === undefined ? [] : [{ label, time }];
    })
    .sort((a, b) => a.time - b.time);
  const [best, ...rest] = ranked;
  const others = rest.map(({ label, time }) => `${label} ${(amount / time).toPrecision(3)}`);
  const notes = [...others, ...(comparison.notes ?? [])];
  return {
    suite,
    case: comparison.case,
    ours: amount / ours,
    peer: best ? amount / best.time : null,
    peerName: best?.label ?? 'no peer',
    ratio: best ? best.time / ours : null,
    unit,
    ...(floor === undefined ? {} : { floor }),
    ...(share === undefined ? {} : { ofLimit: share(ours) }),
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  };
}
