import type { Trace } from '../../traces/trace.ts';

/** One string for each text of a token that has come; as many as the vocabularies seen here have. */
const known = new Map<string, string>();

/**
 * The traces with texts of tokens that are the same strings wherever they are equal. What comes from a worker is copied
 * string by string: the 2,000 rollouts that a long run keeps hold hundreds of thousands of them, of a few hundred texts.
 */
export function shareTexts(traces: readonly Trace[]): readonly Trace[] {
  return traces.map((trace) => ({
    ...trace,
    tokens: { ...trace.tokens, texts: trace.tokens.texts.map(shared) },
  }));
}

function shared(text: string): string {
  const one = known.get(text);
  if (one !== undefined) return one;
  known.set(text, text);
  return text;
}
