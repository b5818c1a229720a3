import type { Policy } from '../policy/policy.ts';
import type { Retriever } from '../retrieval/retriever.ts';
import type { Trace } from '../traces/trace.ts';
import type { Question, QuestionSet } from '../world/types.ts';
import { runBaseline } from './baselines/runBaseline.ts';
import { evaluate } from './evaluate.ts';
import type { RolloutFormat } from './format.ts';
import { isBaselineName, type MethodName } from './methodNames.ts';
import { rowOf, type EvaluationRow } from './methodRows.ts';
import { groupTasks } from './rolloutOptions.ts';

/**
 * Who is asked: baselines, and ReSearch before training, of the untrained policy, as the paper asks them of the instruct
 * models that it starts from.
 */
export interface MethodPolicies {
  readonly untrained: Policy;
  /** Absent: `research` cannot be asked. */
  readonly trained?: Policy;
}

export interface MethodOptions {
  readonly methods: readonly MethodName[];
  readonly format: RolloutFormat;
  /** Draws of sampled answers, and the bootstrap. */
  readonly seed: number;
  /** Of ReSearch rollouts: passages of a search, most response tokens, most searches (0: no limit). */
  readonly rollout: {
    readonly passages: number;
    readonly maxTokens: number;
    readonly maxSearches: number;
  };
  /** Of baselines: the policy's positions, and passages of a search (absent: each method's own number). */
  readonly baseline: { readonly positions: number; readonly passages?: number };
  readonly slots: number;
  /** Also ask ReSearch once at temperature 1. */
  readonly sampled: boolean;
  readonly signal?: AbortSignal;
  readonly breathe?: () => Promise<void>;
  readonly onProgress?: (cell: CellName, done: number, total: number) => void;
  /** After each finished cell. */
  readonly onCell?: (cell: EvaluatedCell) => void;
}

export interface CellName {
  readonly method: MethodName;
  readonly set: QuestionSet;
}

/** One cell of the table: its row, and the greedy traces it was computed from. */
export interface EvaluatedCell {
  readonly row: EvaluationRow;
  readonly traces: readonly Trace[];
}

/**
 * Asks every question by every method, greedily as in the paper, a set at a time.
 * @returns the cells, methods within sets
 * @throws the signal's reason when aborted; cells told by then stay told
 */
export async function evaluateMethods(
  policies: MethodPolicies,
  retriever: Retriever,
  questions: readonly Question[],
  options: MethodOptions,
): Promise<EvaluatedCell[]> {
  const cells: EvaluatedCell[] = [];
  for (const set of new Set(questions.map((question) => question.set))) {
    const ofSet = questions.filter((question) => question.set === set);
    for (const method of options.methods) {
      const cell = await evaluateCell({ method, set }, policies, retriever, ofSet, options);
      options.onCell?.(cell);
      cells.push(cell);
    }
  }
  return cells;
}

/** Most tokens behind the question of a baseline: three pages at a time, or a few steps of two pages and a thought. */
const BASELINE_TOKENS = 640;

async function evaluateCell(
  name: CellName,
  { untrained, trained }: MethodPolicies,
  retriever: Retriever,
  questions: readonly Question[],
  options: MethodOptions,
): Promise<EvaluatedCell> {
  const { method, set } = name;
  const { format, seed, slots, signal, breathe, sampled } = options;
  const common = {
    format,
    seed,
    slots,
    label: `${method}/${set}`,
    ...(signal === undefined ? {} : { signal }),
    ...(breathe === undefined ? {} : { breathe }),
    onProgress: (done: number, total: number) => options.onProgress?.(name, done, total),
  };
  if (isBaselineName(method)) {
    const traces = await runBaseline(untrained, retriever, groupTasks(questions, 1), {
      ...common,
      ...options.baseline,
      method,
      maxTokens: BASELINE_TOKENS,
      sampling: { temperature: 0, topK: 0, topP: 1 },
    });
    signal?.throwIfAborted();
    return { row: rowOf(method, set, traces, seed), traces };
  }
  const policy = method === 'research' ? trained : untrained;
  if (policy === undefined) throw new Error('research: there is no trained policy. Train one first.');
  const done = await evaluate(policy, retriever, questions, { ...common, ...options.rollout, sampled });
  return { row: rowOf(method, set, done.greedy, seed, done.sampled), traces: done.greedy };
}
