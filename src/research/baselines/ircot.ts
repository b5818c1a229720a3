import { concludes } from './formats.ts';
import { answer, search, think, type Baseline, type MethodRun } from './steps.ts';

/** Most thoughts, and most passages gathered over all of them (the paper's numbers). */
const MOST_STEPS = 8;
const MOST_PASSAGES = 15;
/** Most tokens of one sentence. */
const SENTENCE_TOKENS = 64;

/**
 * IRCoT (Trivedi et al. 2023, arXiv 2212.10509, §3.1): passages for the question; then one sentence of thought, passages
 * for that sentence, and so on, until a thought says "the answer is" or 8 have been written; at most 15 passages. Then
 * the reader answers from passages and chain (§3.2). Two choices of ours: passages stand where they came and not all in
 * front, so that nothing is read twice (it is the layout that the nano policy knows), and the reader is the same
 * context going on.
 */
export const ircot: Baseline = {
  passages: 2,
  *run(question, passages): MethodRun {
    const seen = new Set<string>();
    let query = question;
    for (let step = 1; step <= MOST_STEPS; step++) {
      const k = Math.min(passages, MOST_PASSAGES - seen.size);
      if (k > 0) {
        const shown = yield* search(query, k, seen);
        if (shown === undefined) break;
        for (const { id } of shown) seen.add(id);
      }
      const thought = yield* think(SENTENCE_TOKENS);
      if (thought === undefined || concludes(thought)) break;
      query = thought;
    }
    return yield* answer();
  },
};
