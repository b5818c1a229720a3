import type { Comparison } from '../types.ts';

/**
 * The answer to a comparison: yes or no, or the subject with the earlier or later year; undefined for equal years.
 * @param subjects the two that the question names
 */
export function compared(
  comparison: Comparison,
  subjects: readonly [string, string],
  first: string,
  second: string,
): string | undefined {
  if (comparison === 'same') return first === second ? 'yes' : 'no';
  if (first === second) return undefined;
  const firstIsEarlier = Number(first) < Number(second);
  return subjects[firstIsEarlier === (comparison === 'earlier') ? 0 : 1];
}
