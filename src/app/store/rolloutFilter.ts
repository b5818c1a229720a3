import { behavioursOf } from '../../traces/behaviours.ts';
import type { Behaviour, Trace } from '../../traces/trace.ts';
import { verdict } from '../../traces/verdict.ts';
import type { RolloutEntry } from './rolloutList.ts';

/** What a list of rollouts is narrowed to; absent: no matter. All that is there must hold. */
export interface RolloutFilter {
  /** Words that stand in question or response, in any order; in quotes as they stand. */
  readonly text?: string;
  readonly verdict?: string;
  readonly branch?: string;
  readonly behaviour?: string;
  readonly hops?: number;
  readonly searches?: number;
  /** Update that the rollout is of. */
  readonly update?: number;
  readonly rewardFrom?: number;
  readonly rewardTo?: number;
}

export const rolloutSorts = ['batch', 'reward', 'advantage', 'searches', 'tokens'] as const;
export type RolloutSort = (typeof rolloutSorts)[number];

export interface RolloutOrder {
  readonly by: RolloutSort;
  readonly down: boolean;
}

const kept = new WeakMap<Trace, { behaviours?: readonly Behaviour[]; text?: string }>();

function factsOf(trace: Trace): { behaviours?: readonly Behaviour[]; text?: string } {
  let facts = kept.get(trace);
  if (facts === undefined) kept.set(trace, (facts = {}));
  return facts;
}

/** What today's detectors see in a rollout, whatever a recording says; looked for once. */
export function behavioursIn(trace: Trace): readonly Behaviour[] {
  const facts = factsOf(trace);
  return (facts.behaviours ??= behavioursOf(trace));
}

/** Question and response in small letters. */
function searchable(trace: Trace): string {
  const facts = factsOf(trace);
  return (facts.text ??= `${trace.question.text}\n${trace.tokens.texts.join('')}`.toLowerCase());
}

/** The words of a search: split at spaces, what is in quotes kept together. Small letters. */
export function searchWords(text: string): readonly string[] {
  return [...text.toLowerCase().matchAll(/"([^"]+)"|[^\s"]+/g)].map((match) => match[1] ?? match[0]);
}

/** Rollouts that a filter lets through, in their order. */
export function filtered(entries: readonly RolloutEntry[], filter: RolloutFilter): readonly RolloutEntry[] {
  if (Object.keys(filter).length === 0) return entries;
  const words = searchWords(filter.text ?? '');
  const tests: ((entry: RolloutEntry) => boolean)[] = [];
  const need = <T>(wanted: T | undefined, of: (entry: RolloutEntry) => T | undefined): void => {
    if (wanted !== undefined) tests.push((entry) => of(entry) === wanted);
  };
  need(filter.update, ({ group }) => group.update);
  need(filter.verdict, ({ trace }) => verdict(trace));
  need(filter.branch, ({ trace }) => trace.reward?.branch);
  need(filter.hops, hopsOf);
  need(filter.searches, ({ trace }) => trace.searches.length);
  const { behaviour, rewardFrom = -Infinity, rewardTo = Infinity } = filter;
  if (filter.rewardFrom !== undefined || filter.rewardTo !== undefined) {
    tests.push(({ trace: { reward } }) => {
      return reward !== undefined && reward.value >= rewardFrom && reward.value <= rewardTo;
    });
  }
  if (behaviour !== undefined)
    tests.push(({ trace }) => behavioursIn(trace).some((name) => name === behaviour));
  if (words.length > 0) tests.push(({ trace }) => words.every((word) => searchable(trace).includes(word)));
  return entries.filter((entry) => tests.every((test) => test(entry)));
}

export const hopsOf = ({ trace, group }: RolloutEntry): number | undefined =>
  trace.question.hops ?? group.question.chain?.length;

/** Sorted by one measure; those that do not have it come last either way, equals stay in the order of the batch. */
export function sorted(
  entries: readonly RolloutEntry[],
  { by, down }: RolloutOrder,
): readonly RolloutEntry[] {
  if (by === 'batch') return down ? [...entries].reverse() : entries;
  const measure: (trace: Trace) => number | undefined = {
    reward: (trace: Trace) => trace.reward?.value,
    advantage: (trace: Trace) => trace.advantage,
    searches: (trace: Trace) => trace.searches.length,
    tokens: (trace: Trace) => trace.tokens.ids.length,
  }[by];
  return entries
    .map((entry) => ({ entry, value: measure(entry.trace) }))
    .sort((a, b) => {
      if (a.value === undefined || b.value === undefined) {
        return Number(a.value === undefined) - Number(b.value === undefined);
      }
      return down ? b.value - a.value : a.value - b.value;
    })
    .map(({ entry }) => entry);
}
