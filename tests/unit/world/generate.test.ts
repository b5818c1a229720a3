import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateWorld } from '../../../src/world/generate.ts';
import { types, type EntityType } from '../../../src/world/schema.ts';
import type { World } from '../../../src/world/types.ts';
import {
  afterName,
  anyWorld,
  defaultWorld,
  isDistractor,
  isGeography,
  isPairPage,
  subjectOf,
  typeOf,
} from './worlds.ts';

const seeds = Array.from({ length: 8 }, (_, i) => 100 + i);

/** Share of pages whose name another page bears too. */
function sharedTitles({ passages }: World): number {
  const borne = new Map<string, number>();
  for (const page of passages) borne.set(subjectOf(page), (borne.get(subjectOf(page)) ?? 0) + 1);
  return passages.filter((page) => (borne.get(subjectOf(page)) ?? 0) > 1).length / passages.length;
}

describe('a generated world', () => {
  it('is a function of its options: same ones, same world; another seed, another world', () => {
    fc.assert(
      fc.property(anyWorld, (options) => {
        const world = generateWorld(options);
        expect(generateWorld({ ...options })).toEqual(world);
        const other = generateWorld({ ...options, seed: options.seed ^ 1 });
        expect(other.passages.map(({ text }) => text)).not.toEqual(world.passages.map(({ text }) => text));
      }),
      { numRuns: 15 },
    );
  });

  it('has the same pages however many questions are asked', () => {
    const { passages } = generateWorld(defaultWorld(3, 5));
    expect(generateWorld(defaultWorld(3, 50)).passages).toEqual(passages);
  });

  it('has at least 200 pages by default, and the share of each type that is planned', () => {
    for (const seed of seeds) {
      const { passages } = generateWorld(defaultWorld(seed, 0));
      expect(passages.length).toBeGreaterThanOrEqual(200);
      const pages = new Map<EntityType, number>();
      for (const page of passages) pages.set(typeOf(page), (pages.get(typeOf(page)) ?? 0) + 1);
      for (const [type, { share }] of Object.entries(types)) {
        const planned = (share / 100) * 220;
        expect(Math.abs((pages.get(type as EntityType) ?? 0) - planned), type).toBeLessThanOrEqual(2);
      }
    }
  });

  it('has as many pages as asked for, a few more at most, each with an id of its own', () => {
    fc.assert(
      fc.property(anyWorld, (options) => {
        const { passages, seed, name } = generateWorld(options);
        expect(passages.length - options.passages).toBeGreaterThanOrEqual(0);
        expect(passages.length).toBeLessThanOrEqual(1.03 * options.passages + 6);
        expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
        expect([seed, name]).toEqual([options.seed, `Generated world ${options.seed}`]);
      }),
      { numRuns: 40 },
    );
  });

  it('has pages of plain English that begin with their name', () => {
    const worlds = seeds.map((seed) =>
      generateWorld({ ...defaultWorld(seed, 0), about: seed % 2 === 0 ? 'places' : 'everything' }),
    );
    for (const { passages } of worlds) {
      for (const page of passages) {
        const { text } = page;
        if (!isGeography(page) && !isPairPage(page)) expect(afterName(page), text).toMatch(/^(?:,| is) an? /);
        expect(text).toMatch(/^\S.*\.$/);
        expect(text, text).not.toMatch(/[{}]|undefined|\s{2}|\.\.| [,.] | a [aeio]| the the /i);
        expect(text.split(' ').length, text).toBeLessThanOrEqual(60);
      }
    }
  });

  it('gives a name once within a type, so that type and name tell who is meant', () => {
    fc.assert(
      fc.property(anyWorld, (options) => {
        const { passages } = generateWorld({ ...options, namesakes: 1 });
        const borne = passages
          .filter((page) => !isGeography(page) && !isDistractor(page))
          .map((page) => `${typeOf(page)}/${subjectOf(page)}`);
        expect(new Set(borne).size).toBe(borne.length);
      }),
      { numRuns: 40 },
    );
  });

  it('shares names among types, as many as asked for', () => {
    const share = (namesakes: number): number =>
      seeds.reduce(
        (sum, seed) => sum + sharedTitles(generateWorld({ ...defaultWorld(seed, 0), namesakes })),
        0,
      ) / seeds.length;
    const [none, some, default_, many] = [share(0), share(0.2), share(0.45), share(0.8)];
    expect(none).toBeLessThan(0.01);
    expect(some).toBeGreaterThan(0.13);
    expect(some).toBeLessThan(0.3);
    expect(default_).toBeGreaterThan(0.35);
    expect(default_).toBeLessThan(0.5);
    expect(many).toBeGreaterThan(0.6);
  });

  it('never says that somebody is married to, taught by or named in a page as oneself', () => {
    for (const seed of seeds) {
      for (const page of generateWorld({ ...defaultWorld(seed, 0), namesakes: 0 }).passages) {
        if (typeOf(page) !== 'person') continue;
        // Not the name as a part of a longer one, such as a namesake's with a given name before it.
        const alone = new RegExp(`(?<!\\p{Lu}[\\p{L}'-]* )${subjectOf(page)}(?! \\p{Lu}| Press)`, 'gu');
        expect([...page.text.matchAll(alone)].length, page.text).toBe(1);
      }
    }
  });

  it('agrees with itself on capitals: a country and its capital name each other', () => {
    for (const seed of seeds) {
      const { passages } = generateWorld({ ...defaultWorld(seed, 0), namesakes: 0 });
      const pageOf = new Map(passages.map((page) => [subjectOf(page), page]));
      let checked = 0;
      for (const country of passages.filter((page) => typeOf(page) === 'country')) {
        const stated = /(?:capital is|governed from|sits in|capital city is) (.+?)\./.exec(country.text)?.[1];
        const capital = stated === undefined ? undefined : pageOf.get(stated);
        const its =
          capital &&
          /(?:is in|lies in|is part of|belongs to|capital of|capital city of) (.+?)\./.exec(capital.text);
        if (its?.[1] === undefined || /^the /.test(its[1])) continue;
        expect(its[1], `${country.text} ${capital?.text ?? ''}`).toBe(subjectOf(country));
        checked++;
      }
      expect(checked).toBeGreaterThan(3);
    }
  });

  it('is ready at the largest size that a recipe allows', () => {
    const { passages, questions } = generateWorld({ ...defaultWorld(1), passages: 20000 });
    expect(passages.length).toBeGreaterThanOrEqual(20000);
    expect(questions).toHaveLength(60);
  });
});
