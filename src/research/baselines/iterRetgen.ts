import { generationAndQuestion } from './formats.ts';
import { answer, restart, search, think, type Baseline, type MethodRun } from './steps.ts';

/** Iterations: FlashRAG's default; the paper tries up to 7 and gains most with the second. */
const ITERATIONS = 3;
/** Most tokens of a chain of thought over all its facts. */
const CHAIN_TOKENS = 128;

/**
 * Iter-RetGen (Shao et al. 2023, arXiv 2305.15294, §3.2): in iteration t the passages for y_{t−1} ‖ q are put before
 * the question's chain of thought y_t, which starts from the question anew; what the last iteration answers counts.
 * It always runs to the end: the paper knows no stop condition. As in its prompts, y is a chain of thought that ends
 * in "So the answer is".
 */
export const iterRetgen: Baseline = {
  passages: 3,
  *run(question, passages): MethodRun {
    let generation = '';
    for (let iteration = 1; ; iteration++) {
      yield* search(generationAndQuestion(generation, question), passages);
      generation = (yield* think(CHAIN_TOKENS)) ?? '';
      if (iteration === ITERATIONS) return yield* answer();
      yield* restart();
    }
  },
};
