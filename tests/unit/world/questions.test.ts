import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { generateWorld } from '../../../src/world/generate.ts';
import { relations } from '../../../src/world/relations/relations.ts';
import { types, type EntityType } from '../../../src/world/schema.ts';
import type { Passage } from '../../../src/retrieval/retriever.ts';
import type { Question, World } from '../../../src/world/types.ts';
import { afterName, anyWorld, defaultWorld, subjectOf, typeOf } from './worlds.ts';

const pagesOf = ({ passages }: World): ReadonlyMap<string, Passage> =>
  new Map(passages.map((page) => [page.id, page]));
const lengthsOf = (questions: readonly Question[]): number[] =>
  questions.map(({ chain = [] }) => chain.length);

/** Every question with its chain and pages; throws where one has no page. */
function* chainsOf(world: World) {
  const pages = pagesOf(world);
  for (const question of world.questions) {
    const hops = (question.chain ?? []).map((hop) => {
      const page = pages.get(hop.passageId);
      if (!page) throw new Error(`${question.text}: no page ${hop.passageId}`);
      return { hop, page };
    });
    yield { question, hops };
  }
}

describe('questions of a generated world', () => {
  it('have a chain whose pages state every hop, and the answer stands in the last page', () => {
    fc.assert(
      fc.property(anyWorld, (options) => {
        for (const { question, hops } of chainsOf(generateWorld(options))) {
          let subject = hops[0]?.hop.subject;
          for (const { hop, page } of hops) {
            expect(hop.subject, question.text).toBe(subject);
            expect(subjectOf(page)).toBe(hop.subject);
            expect(afterName(page), `${question.text} ${hop.relation}`).toContain(hop.object);
            subject = hop.object;
          }
          expect(question.golds[0]).toBe(subject);
          const last = hops.at(-1);
          for (const gold of question.golds) expect(last && afterName(last.page)).toContain(gold);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('ask of each page what pages of its type state, in words of that relation', () => {
    for (const seed of [1, 2, 3]) {
      for (const { question, hops } of chainsOf(generateWorld(defaultWorld(seed)))) {
        const last = hops.at(-1);
        for (const { hop, page } of hops) {
          const own = relations.filter(({ from, noun }) => from === typeOf(page) && noun === hop.relation);
          expect(own, `${hop.relation} of ${page.text}`).not.toHaveLength(0);
          const stated = own.flatMap(({ sentences, pluralSentences = [] }) =>
            [...sentences, ...pluralSentences].map((sentence) =>
              sentence.replace(/^\{S\} /, '').split('{y}'),
            ),
          );
          const beginsByIt = hop.relation === 'region' && / is an? \w+ in /.test(page.text);
          expect(
            beginsByIt || stated.some((pieces) => pieces.every((piece) => page.text.includes(piece))),
            page.text,
          ).toBe(true);
          const wordings = own.flatMap(({ phrases, questions }) => (hop === last?.hop ? questions : phrases));
          const pieces = wordings.map((wording) => wording.split('{x}'));
          expect(
            pieces.some(
              ([before = '', after = '']) => question.text.includes(before) && question.text.includes(after),
            ),
            `${question.text}: ${hop.relation}`,
          ).toBe(true);
        }
      }
    }
  });

  it('name their start and never their answer', () => {
    fc.assert(
      fc.property(anyWorld, (options) => {
        for (const { text, golds, chain = [] } of generateWorld(options).questions) {
          expect(text).toMatch(/^[A-Z][^{}]*\?$/);
          expect(text).toContain(chain[0]?.subject);
          for (const gold of golds) expect(text.toLowerCase()).not.toContain(gold.toLowerCase());
        }
      }),
      { numRuns: 40 },
    );
  });

  it('come back to no page they have been on', () => {
    fc.assert(
      fc.property(anyWorld, (options) => {
        for (const { text, chain = [] } of generateWorld(options).questions) {
          const pages = chain.map(({ passageId }) => passageId);
          expect(new Set(pages).size, text).toBe(pages.length);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are as many as asked for, each asked once, with ids of their own', () => {
    fc.assert(
      fc.property(anyWorld, (options) => {
        const { questions } = generateWorld(options);
        expect(questions).toHaveLength(options.questions);
        for (const key of ['id', 'text'] as const) {
          expect(new Set(questions.map((question) => question[key])).size).toBe(questions.length);
        }
        expect(questions.every(({ set }) => set === 'musique')).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    [2, { two: 1, three: 0, four: 0 }],
    [3, { two: 0, three: 0.1, four: 0 }],
    [4, { two: 0, three: 0, four: 1 }],
  ])('have %i hops where only those are asked for', (length, hops) => {
    const { questions } = generateWorld({ ...defaultWorld(5), hops });
    expect(lengthsOf(questions)).toEqual(Array(60).fill(length));
  });

  it('have 2, 3 and 4 hops in about the shares asked for', () => {
    const lengths = [11, 12, 13, 14, 15].flatMap((seed) =>
      lengthsOf(generateWorld(defaultWorld(seed, 200)).questions),
    );
    const share = (length: number): number => lengths.filter((l) => l === length).length / lengths.length;
    expect(Math.abs(share(2) - 0.72)).toBeLessThan(0.06);
    expect(Math.abs(share(3) - 0.22)).toBeLessThan(0.06);
    expect(Math.abs(share(4) - 0.06)).toBeLessThan(0.03);
  });

  it('tell namesakes apart by their type', () => {
    let ambiguous = 0;
    for (const seed of [1, 2, 3]) {
      const world = generateWorld(defaultWorld(seed, 200));
      const types_ = new Map<string, Set<EntityType>>();
      for (const page of world.passages)
        types_.set(subjectOf(page), (types_.get(subjectOf(page)) ?? new Set()).add(typeOf(page)));
      for (const { question, hops } of chainsOf(world)) {
        const first = hops[0];
        if (!first || (types_.get(subjectOf(first.page))?.size ?? 0) < 2) continue;
        ambiguous++;
        expect(question.text).toContain(
          `the ${types[typeOf(first.page)].words[0] ?? ''} ${subjectOf(first.page)}`,
        );
      }
    }
    expect(ambiguous).toBeGreaterThan(50);
  });

  it('can be answered by searching their hops, and the name alone often brings another’s page', async () => {
    const found = { query: 0, name: 0, hops: 0 };
    for (const seed of [1, 2, 3]) {
      const world = generateWorld(defaultWorld(seed, 100));
      const hops = world.questions.flatMap(({ chain = [] }) => chain);
      const retriever = createLexicalRetriever(world.passages);
      const hits = async (queries: readonly string[], k: number): Promise<number> => {
        const lists = await retriever.search(queries, k);
        return hops.filter((hop, i) => lists[i]?.some(({ passage }) => passage.id === hop.passageId)).length;
      };
      found.hops += hops.length;
      found.query += await hits(
        hops.map(({ query }) => query),
        3,
      );
      found.name += await hits(
        hops.map(({ subject }) => subject),
        1,
      );
    }
    expect(found.query / found.hops).toBeGreaterThan(0.9);
    // The first page of a bare name is the wrong one often enough for self-correction to pay, and not always.
    expect(found.name / found.hops).toBeLessThan(0.85);
    expect(found.name / found.hops).toBeGreaterThan(0.4);
  });
});

describe('the schema', () => {
  it('has a place for what is asked about in every wording, and for what is stated in every sentence', () => {
    for (const { noun, phrases, questions, sentences } of relations) {
      for (const wording of [...phrases, ...questions]) expect(wording.split('{x}'), noun).toHaveLength(2);
      for (const question of questions) expect(question).toMatch(/^[A-Z].*\?$/);
      for (const sentence of sentences) {
        expect(sentence.split('{y}'), sentence).toHaveLength(2);
        expect(sentence).toMatch(/^[A-Z{].*\.$/);
      }
    }
  });

  it('has one relation of a noun for a type, but for capitals, and shares of 100 in all', () => {
    const keys = relations
      .filter(({ capitalOnly }) => capitalOnly !== true)
      .map(({ from, noun }) => `${from} ${noun}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(Object.values(types).reduce((sum, { share }) => sum + share, 0)).toBe(100);
  });
});
