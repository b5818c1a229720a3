import type { Passage, Retriever } from './retriever.ts';

/**
 * Brings passages that have nothing to do with the query, the same ones whenever it is asked: what a policy does when
 * searching does not help. k different passages, or all there are; scores say nothing, so they are 0.
 */
export function createRandomRetriever(passages: readonly Passage[], seed: number): Retriever {
  const drawOne = (query: string, k: number) => {
    const state = { value: hashOf(query, seed) };
    const left = passages.map((_, row) => row);
    // The first k steps of a shuffle.
    return Array.from({ length: Math.min(k, left.length) }, (_, i) => {
      const j = i + Math.floor(nextUniform(state) * (left.length - i));
      const row = left[j] ?? 0;
      left[j] = left[i] ?? 0;
      left[i] = row;
      return row;
    }).flatMap((row) => {
      const passage = passages[row];
      return passage === undefined ? [] : [{ passage, score: 0 }];
    });
  };
  return {
    label: 'random passages',
    search: (queries, k) => Promise.resolve(queries.map((query) => drawOne(query, k))),
  };
}

/** FNV-1a over the query's UTF-16 units, begun from the seed. */
function hashOf(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** Uniform in [0, 1): mulberry32 (Tommy Ettinger, public domain). */
function nextUniform(state: { value: number }): number {
  state.value = (state.value + 0x6d2b79f5) >>> 0;
  let t = state.value;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
