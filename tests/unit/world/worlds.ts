import fc from 'fast-check';
import { presets } from '../../../src/lab/presets.ts';
import type { WorldOptions } from '../../../src/world/worldOptions.ts';
import { types, type EntityType } from '../../../src/world/schema.ts';
import type { Passage } from '../../../src/retrieval/retriever.ts';

/** The world of the recipe that the page starts with. */
export function defaultWorld(seed: number, questions = 60): WorldOptions {
  const { passages, namesakes, hops } = presets.quick.world;
  return { seed, passages, namesakes, hops, questions };
}

/** Any world that a recipe or the prior may ask for, at sizes a test can afford. */
export const anyWorld: fc.Arbitrary<WorldOptions> = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
  passages: fc.integer({ min: 50, max: 260 }),
  namesakes: fc.double({ min: 0, max: 1, noNaN: true }),
  hops: fc.constantFrom(
    { two: 0.72, three: 0.22, four: 0.06 },
    { two: 1, three: 0, four: 0 },
    { two: 0, three: 1, four: 0 },
    { two: 0, three: 0, four: 1 },
  ),
  questions: fc.integer({ min: 0, max: 40 }),
  set: fc.constantFrom('musique', 'hotpotqa', '2wiki', 'bamboogle', 'words'),
  distractors: fc.constantFrom(0, 0.1),
  about: fc.constantFrom('everything', 'places'),
});

const kinds = (Object.keys(types) as EntityType[]).flatMap((type) =>
  types[type].words.map((word) => ({ type, word })),
);

/** The name that a generated page is about: its title without the type. */
export const subjectOf = ({ title }: Passage): string =>
  title.replace(/ \([^)]*\)$/, '').replace(/^(?:Match|Treaty) of /, '');

/** The page's text after the name it begins with. */
export function afterName(page: Passage): string {
  const subject = subjectOf(page);
  const begins = [subject, ...['', 'match of ', 'treaty of '].map((kind) => `The ${kind}${subject}`)].find(
    (name) => page.text.startsWith(name),
  );
  if (begins === undefined) throw new Error(`${page.title} does not begin: ${page.text}`);
  return page.text.slice(begins.length);
}

/** A page that states nothing a question asks for. */
export const isDistractor = ({ id }: Passage): boolean => id.startsWith('d');

/** A page about what two have in common, which begins in its own way. */
export const isPairPage = ({ title }: Passage): boolean => /^(?:Match|Treaty) of /.test(title);

export const isGeography = ({ title }: Passage): boolean => title.startsWith('Geography of ');

/** What a generated page is about, read off its first words; a page of none of the other types is a person's. */
export function typeOf(page: Passage): EntityType {
  if (page.title.startsWith('Match of ')) return 'match';
  if (page.title.startsWith('Treaty of ')) return 'treaty';
  const opening = afterName(page);
  const found = kinds.find(({ word }) => new RegExp(`^(?:,| is) an? ${word}\\b`).test(opening));
  if (found) return found.type;
  if (!/^(?:,| is) an? \p{Ll}+\b/u.test(opening)) throw new Error(`no type in: ${page.text}`);
  return 'person';
}
