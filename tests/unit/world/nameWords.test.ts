import { describe, expect, it } from 'vitest';
import data from '../../../src/world/countriesData.json';
import { CountryTable } from '../../../src/world/countryFacts.ts';
import { nameWords } from '../../../src/world/nameWords.ts';
import { Random } from '../../../src/world/random.ts';
import { spellWord } from '../../../src/world/spelling.ts';

describe('the words that invented names are modelled on', () => {
  const words = nameWords.flat();

  it('are single words, each once in its manner', () => {
    for (const manner of nameWords) {
      expect(manner.length).toBeGreaterThan(30);
      expect(new Set(manner).size).toBe(manner.length);
    }
    for (const word of words) expect(word).toMatch(/^\p{Lu}\p{Ll}+$/u);
  });

  it('name nothing that the real facts ask about', () => {
    const table = new CountryTable(data.countries);
    const real = new Set([
      ...table.names,
      ...table.byCapital.keys(),
      ...table.byLanguage.keys(),
      ...table.byDemonym.keys(),
      ...table.all.flatMap(({ currencies }) => currencies.map(({ name }) => name)),
    ]);
    expect(words.filter((word) => real.has(word))).toEqual([]);
  });

  it('give new words in their letters, mostly ones that are not on the list', () => {
    const random = new Random(5);
    const spelled = Array.from({ length: 500 }, () => spellWord(random));
    const known = new Set(words.map((word) => word.toLowerCase()));
    expect(spelled.filter((word) => known.has(word)).length).toBeLessThan(150);
    for (const word of spelled) expect(word).toMatch(/^\p{Ll}{0,12}$/u);
  });
});
