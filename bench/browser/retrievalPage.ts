/** Our exact index and its peers on the same vectors, in one page and one thread, in turn. */
import type { Limits } from '../limits/limits.ts';
import { wasmLimits } from '../limits/wasmLimits.ts';
import { measure, type MeasureOptions } from '../measure.ts';
import { buildIndex, type BuiltIndex, type IndexName } from '../retrieval/contenders.ts';
import { clusteredVectors, recall } from '../retrieval/vectors.ts';

export interface RetrievalTask {
  readonly count: number;
  readonly dimension: number;
  readonly k: number;
  /** Queries of the batch; one by one, they are the single queries. */
  readonly batch: number;
  readonly seed: number;
  readonly measure: MeasureOptions;
  /** Seconds after which a peer's unfinished index is given up. */
  readonly buildWithin: number;
  /** Address of the peers' node_modules. */
  readonly peers: string;
}

export interface IndexResult {
  readonly name: IndexName;
  readonly buildSeconds: number;
  /** Against the exact answer. */
  readonly recall: number;
  /** Median seconds of a query alone, and of the batch. */
  readonly alone: number;
  readonly together: number;
}

export interface RetrievalResult {
  /** Of one thread. */
  readonly limits: Limits;
  readonly indexes: readonly (IndexResult | { readonly name: IndexName; readonly absent: string })[];
}

declare global {
  interface Window {
    measureRetrieval(task: RetrievalTask): Promise<RetrievalResult>;
  }
}

/** Single queries timed as one, so that the clock's steps do not show. */
const ALONE = 8;

window.measureRetrieval = async (task) => {
  const { count, dimension, k, batch, peers } = task;
  const set = clusteredVectors(count, batch, dimension, task.seed);
  const built = new Map<IndexName, BuiltIndex>();
  const absent = new Map<IndexName, string>();
  for (const name of ['ours', 'hnswlib-wasm', 'voy'] as const) {
    try {
      built.set(name, await buildIndex(name, peers, set, task.buildWithin));
    } catch (error) {
      absent.set(name, error instanceof Error ? error.message : String(error));
    }
  }
  const { queries } = set;
  const exact = built.get('ours')?.search(queries, k) ?? [];
  const singles = Array.from({ length: Math.min(ALONE, batch) }, (_, q) =>
    queries.subarray(q * dimension, (q + 1) * dimension),
  );
  const alone = await measure(
    [...built].map(([name, index]) => ({
      name,
      run: () => {
        for (const query of singles) index.search(query, k);
      },
    })),
    task.measure,
  );
  const together = await measure(
    [...built].map(([name, index]) => ({ name, run: () => void index.search(queries, k) })),
    task.measure,
  );
  return {
    limits: await wasmLimits(1),
    indexes: [
      ...[...built].map(([name, index]) => ({
        name,
        buildSeconds: index.buildSeconds,
        recall: recall(index.search(queries, k), exact),
        alone: (alone.get(name) ?? NaN) / singles.length,
        together: together.get(name) ?? NaN,
      })),
      ...[...absent].map(([name, reason]) => ({ name, absent: reason })),
    ],
  };
};
