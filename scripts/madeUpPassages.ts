import type { Passage } from '../src/retrieval/retriever.ts';
import { generateWorld } from '../src/world/generate.ts';

/** Passages of made-up worlds, one world after the other until there are as many as wanted: a corpus of any size. */
export function madeUpPassages(count: number): readonly Passage[] {
  const found: Passage[] = [];
  for (let seed = 1; found.length < count; seed++) {
    const { passages } = generateWorld({
      seed,
      passages: 400,
      namesakes: 0.3,
      hops: { two: 1, three: 0, four: 0 },
      questions: 10,
    });
    found.push(
      ...passages
        .slice(0, count - found.length)
        .map((passage, i) => ({ ...passage, id: String(found.length + i) })),
    );
  }
  return found;
}

/** As FlashRAG lays a corpus out: a row of `id` and `contents` a line. */
export const corpusLines = (passages: readonly Passage[]): readonly string[] =>
  passages.map(({ id, title, text }) => JSON.stringify({ id, contents: `"${title}"\n${text}` }));
