import { beforeAll, describe, expect, it } from 'vitest';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { loadCountries } from '../../../src/world/countries.ts';
import type { Question, World } from '../../../src/world/types.ts';

let world: World;
let everything: readonly Question[];
beforeAll(async () => {
  world = await loadCountries();
  everything = (await loadCountries({ twoHop: 10000, threeHop: 10000 })).questions;
});

const passage = (id: string): { title: string; text: string } => {
  const found = world.passages.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no passage ${id}`);
  return found;
};
const ask = (id: string): Question => {
  const found = everything.find((question) => question.id === id);
  if (found === undefined) throw new Error(`no question ${id}`);
  return found;
};

describe('countries', () => {
  it('has short pages with ids of their own, and a credit', () => {
    expect(world.passages.length).toBeGreaterThan(600);
    expect(new Set(world.passages.map(({ id }) => id)).size).toBe(world.passages.length);
    for (const { title, text } of world.passages) {
      expect(title).not.toBe('');
      expect(text.split(' ').length, text).toBeLessThanOrEqual(40);
      expect(text, title).not.toMatch(/undefined|\s{2}|\.\.| ,|\{/);
      expect(text).toMatch(/^\S.*\.$/);
    }
    expect(world.credit).toMatch(/world-countries.*Open Database License/);
  });

  it('states known facts', () => {
    expect(passage('country-BTN').text).toMatch(/Thimphu/);
    expect(passage('country-BTN').text).toMatch(/Dzongkha/);
    expect(passage('capital-BTN-Thimphu').text).toMatch(/capital.* of Bhutan/);
    expect(passage('geography-CHE').text).toMatch(/landlocked/);
    expect(passage('country-PRT').text).toMatch(/only.* Spain/);
    expect(passage('country-GMB').text).toMatch(/^The Gambia is a country in Western Africa\./);
    expect(passage('currency-EUR').text).toMatch(/euro .*countries and territories, among them .*France/);
  });

  it('tells namesakes apart', () => {
    const capital = passage('capital-SGP-Singapore');
    expect(passage('country-SGP').title).toBe('Singapore');
    expect(capital.title).toBe('Singapore (city)');
    expect(capital.text).toMatch(/^Singapore is a city\./);
    expect(passage('people-THA').title).toBe('Thai (people)');
    expect(passage('language-Thai').title).toBe('Thai (language)');
  });

  it('asks enough questions of each length, each once', () => {
    const hops = (n: number): number => world.questions.filter(({ chain }) => chain?.length === n).length;
    expect(hops(2)).toBe(320);
    expect(hops(3)).toBe(120);
    expect(new Set(world.questions.map(({ text }) => text)).size).toBe(world.questions.length);
    expect(new Set(world.questions.map(({ id }) => id)).size).toBe(world.questions.length);
  });

  it('gives the same questions for a seed, others for another, and always the same pages', async () => {
    const [again, other] = await Promise.all([loadCountries(), loadCountries({ seed: 1 })]);
    expect(again.questions).toEqual(world.questions);
    expect(other.questions).not.toEqual(world.questions);
    expect(other.passages).toEqual(world.passages);
  });

  it('accepts every true answer', () => {
    expect(ask('countries/capital-BTN-Thimphu/currency').golds).toEqual([
      'Bhutanese ngultrum',
      'Indian rupee',
      'BTN',
      'INR',
    ]);
    expect(ask('countries/currency-BRL/capital').golds).toEqual(['Brasília', 'Brasilia']);
    expect(ask('countries/people-BOL/capital').golds).toEqual(['Sucre', 'La Paz']);
    expect(ask('countries/capital-SWZ-Lobamba/region').golds).toEqual(['Southern Africa']);
    expect(ask('countries/capital-PRT-Lisbon/neighbour/capital').golds).toEqual(['Madrid']);
  });

  it('never asks by a clue that fits two countries', () => {
    const clues = new Set(everything.map(({ chain }) => chain?.[0]?.passageId));
    for (const shared of ['currency-EUR', 'language-English', 'language-Norwegian', 'capital-JAM-Kingston']) {
      expect(clues.has(shared), shared).toBe(false);
    }
    expect(clues.has('people-DMA'), 'Dominican').toBe(false);
    expect([...clues].filter((id) => id?.startsWith('language-Romanian'))).toEqual([]);
  });

  it('has chains whose pages state each hop and whose questions name only the start', () => {
    for (const { text, chain = [], golds } of everything) {
      let subject = chain[0]?.subject;
      for (const hop of chain) {
        expect(hop.subject, text).toBe(subject);
        const { title, text: page } = passage(hop.passageId);
        expect(`${title} ${page}`, `${text} ${hop.relation}`).toContain(hop.object);
        expect(`${title} ${page}`).toContain(hop.subject);
        subject = hop.object;
      }
      expect(golds).toContain(subject);
      expect(text).toContain(chain[0]?.subject);
      for (const gold of golds) expect(` ${text} `.toLowerCase()).not.toContain(` ${gold.toLowerCase()} `);
      expect(text).toMatch(/^[A-Z].*\?$/);
    }
  });

  it('can be searched by its own queries', async () => {
    const hops = world.questions.flatMap(({ chain = [] }) => chain);
    const found = await createLexicalRetriever(world.passages).search(
      hops.map(({ query }) => query),
      3,
    );
    const hits = hops.filter((hop, i) => found[i]?.some((result) => result.passage.id === hop.passageId));
    expect(hits.length / hops.length).toBeGreaterThan(0.95);
  });
});
