import type { GroupResult, RecordedRun } from '../lab/protocol.ts';
import type { Evaluation } from '../research/evaluate.ts';
import type { Trace, TraceTokens } from '../traces/trace.ts';

type Numbers = readonly (number | null)[];

/** Groups of an update that are kept. */
const GROUPS_KEPT = 3;
/** Questions answered by the base and by the trained policy that are kept. */
const PAIRS_KEPT = 6;

/** Gathers what a recorded run holds while the run goes on: a recording is the run itself, thinned and rounded. */
export class Recorder {
  private readonly kept: { step: number; groups: GroupResult[] }[] = [];
  private readonly at: ReadonlySet<number>;

  /** Keeps groups of the first, the last and a few updates between. */
  constructor(steps: number) {
    this.at = new Set([1, Math.round(steps * 0.1), Math.round(steps * 0.3), Math.round(steps * 0.6), steps]);
  }

  update(step: number, groups: readonly GroupResult[]): void {
    if (!this.at.has(step)) return;
    // Groups with the widest spread of rewards: those that the update learned most from.
    const widest = [...groups].sort((a, b) => b.stdReward - a.stdReward).slice(0, GROUPS_KEPT);
    widest.sort((a, b) => a.group - b.group);
    const thin = widest.map((group) => ({
      ...group,
      meanReward: rounded(group.meanReward),
      stdReward: rounded(group.stdReward),
      traces: group.traces.map(thinned),
    }));
    this.kept.push({ step, groups: thin });
  }

  finish(
    run: Pick<RecordedRun, 'recipe' | 'backend' | 'command' | 'steps'>,
    before: Evaluation,
    after: Evaluation,
  ): RecordedRun {
    const pairs = before.greedy.flatMap((base, i) => {
      const trained = after.greedy[i];
      if (!trained) return [];
      const { id, text, golds, hops } = base.question;
      const question = { id, set: 'musique' as const, text, golds, ...(hops === undefined ? {} : { hops }) };
      return [{ question, base: thinned(base), trained: thinned(trained) }];
    });
    return {
      version: 1,
      ...run,
      before: { musique: before.scores },
      after: { musique: after.scores },
      groups: this.kept,
      // The first questions of the evaluation as they come, right or wrong: nothing is picked.
      pairs: pairs.slice(0, PAIRS_KEPT),
    };
  }
}

const rounded = (x: number): number => Math.round(x * 1e4) / 1e4;

const roundedAll = (values: Numbers): Numbers => values.map((x) => (x === null ? null : rounded(x)));

function thinned(trace: Trace): Trace {
  const { logprobs, entropies, refLogprobs, currentLogprobs, ratios, kls, ...rest } = trace.tokens;
  const numbers = { logprobs, entropies, refLogprobs, currentLogprobs, ratios, kls };
  const present = Object.entries(numbers).flatMap(([name, values]) =>
    values === undefined ? [] : [[name, roundedAll(values)] as const],
  );
  const tokens: TraceTokens = { ...rest, ...Object.fromEntries(present) };
  const searches = trace.searches.map((search) => ({
    ...search,
    passages: search.passages.map((passage) =>
      passage.score === undefined ? passage : { ...passage, score: rounded(passage.score) },
    ),
  }));
  return {
    ...trace,
    tokens,
    searches,
    ...(trace.advantage === undefined ? {} : { advantage: rounded(trace.advantage) }),
  };
}
