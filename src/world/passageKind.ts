import type { Passage } from '../retrieval/retriever.ts';
import { professions } from './pages.ts';
import { types } from './schema.ts';

/** Of the real facts, whose ids begin with it. */
const inId = /^(country|capital|people|geography|currency|language|region)-/;

const words = new Map<string, string>([
  ...Object.entries(types).flatMap(([type, info]) => info.words.map((word) => [word, type] as const)),
  ...professions.map((profession) => [profession, 'person'] as const),
]);

/** "X is a film.", "X, an engineer, works …", "X is a nation in …", "The treaty of X and Y was kept …". */
const saysWhat = /^(?:The ([a-z]+) of |.{1,120}?(?:,| is) an? ((?:football )?[a-z]+))/;

/**
 * What a passage is about, as its world's pages say in their first sentence: person, city, film…; undefined where it
 * does not say, as in most text of a visitor's own.
 */
export function passageKind({ id, title, text }: Passage): string | undefined {
  const named = inId.exec(id)?.[1];
  if (named !== undefined) return named;
  if (title.startsWith('Geography of ')) return 'geography';
  const [, ofTwo, said] = saysWhat.exec(text) ?? [];
  return words.get(ofTwo ?? said ?? '');
}
