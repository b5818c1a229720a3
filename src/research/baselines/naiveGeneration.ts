import { answer, type Baseline, type MethodRun } from './steps.ts';

/**
 * Naive generation: the question, and at once the answer, without retrieval or thought ("No RAG" of arXiv 2503.19470,
 * §4.1; FlashRAG's naive run).
 */
export const naiveGeneration: Baseline = {
  passages: 0,
  *run(): MethodRun {
    return yield* answer();
  },
};
