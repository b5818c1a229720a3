import { answer, search, type Baseline, type MethodRun } from './steps.ts';

/**
 * Naive RAG: one search by the question itself, its passages in front of the answer, no thought (arXiv 2503.19470,
 * §4.1; FlashRAG's SequentialPipeline, whose prompt asks for nothing but the answer). The paper shows 5 passages; a
 * nano policy reads 3 of its world's short ones.
 */
export const naiveRag: Baseline = {
  passages: 3,
  *run(question, passages): MethodRun {
    yield* search(question, passages);
    return yield* answer();
  },
};
