import { normalizeAnswer, words } from './normalize.ts';

/** Answers that a shared word must not score for: "no" against "no one knows". */
const CLOSED_ANSWERS = new Set(['yes', 'no', 'noanswer']);

/** 1 when the prediction equals a gold after normalisation, else 0. */
export function exactMatch(prediction: string, golds: readonly string[]): number {
  const normalized = normalizeAnswer(prediction);
  return golds.some((gold) => normalizeAnswer(gold) === normalized) ? 1 : 0;
}

/**
 * Word F1 after normalisation, best over golds, 0 … 1 (`get_f1_score` of re_search.py). Where either side is
 * yes, no or noanswer and they differ, that gold scores nothing.
 */
export function f1Score(prediction: string, golds: readonly string[]): number {
  return golds.reduce((best, gold) => Math.max(best, f1Against(prediction, gold)), 0);
}

function f1Against(prediction: string, gold: string): number {
  const predicted = normalizeAnswer(prediction);
  const wanted = normalizeAnswer(gold);
  if (predicted !== wanted && (CLOSED_ANSWERS.has(predicted) || CLOSED_ANSWERS.has(wanted))) return 0;
  const predictedWords = words(predicted);
  const wantedWords = words(wanted);
  const left = new Map<string, number>();
  for (const word of wantedWords) left.set(word, (left.get(word) ?? 0) + 1);
  let same = 0;
  for (const word of predictedWords) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    same++;
  }
  if (same === 0) return 0;
  const precision = same / predictedWords.length;
  const recall = same / wantedWords.length;
  return (2 * precision * recall) / (precision + recall);
}
