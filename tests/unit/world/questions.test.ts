import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLexicalRetriever } from '../../../src/retrieval/lexical.ts';
import { generateWorld } from '../../../src/world/generate.ts';
import { relations } from '../../../src/world/relations/relations.ts';
import { types, type EntityType } from '../../../src/world/schema.ts';
import type { Passage } from '../../../src/retrieval/retriever.ts';
import { bamboogleWording } from '../../../src/world/questions/bamboogle.ts';
import { Random } from '../../../src/world/random.ts';
import type { GeneratedSet, Question, QuestionShape, World } from '../../../src/world/types.ts';
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
  it('have a chain of facts that their pages state, each about what the question names or an earlier one found', () => {
    fc.assert(
      fc.property(anyWorld, (options) => {
        for (const { question, hops } of chainsOf(generateWorld(options))) {
          const known = new Set<string>();
          for (const { hop, page } of hops) {
            const asked = hop.subject.split(' and ').every((name) => question.text.includes(name));
            const sides = [...known].flatMap((a) => [...known].map((b) => `${a} and ${b}`));
            expect(asked || known.has(hop.subject) || sides.includes(hop.subject), question.text).toBe(true);
            expect(subjectOf(page)).toBe(hop.subject);
            expect(afterName(page), `${question.text} ${hop.relation}`).toContain(hop.object);
            known.add(hop.object);
          }
          const last = hops.at(-1);
          if (question.comparison !== undefined) continue;
          expect(question.golds).toContain(last?.hop.object);
          for (const gold of question.golds) expect(last && afterName(last.page)).toContain(gold);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('that compare are answered by the two facts compared, of the subjects that they name', () => {
    const counts = { yes: 0, no: 0, names: 0 };
    for (const seed of [1, 2, 3, 4]) {
      for (const set of ['hotpotqa', '2wiki'] as const) {
        for (const question of generateWorld({ ...defaultWorld(seed, 120), set }).questions) {
          if (question.comparison === undefined) continue;
          const { chain = [], golds, text } = question;
          const half = chain.length / 2;
          const [a, b] = [chain[half - 1], chain.at(-1)];
          expect(a?.relation).toBe(b?.relation);
          const same = a?.object === b?.object;
          if (question.comparison === 'same') {
            counts[same ? 'yes' : 'no']++;
            expect(golds).toEqual([same ? 'yes' : 'no']);
            continue;
          }
          counts.names++;
          const firstIsEarlier = Number(a?.object) < Number(b?.object);
          const first = firstIsEarlier === (question.comparison === 'earlier');
          expect(golds).toEqual([chain[first ? 0 : half]?.subject]);
          for (const name of chain[0]?.subject.split(' and ') ?? []) expect(text).toContain(name);
          expect(text).toContain(chain[half]?.subject);
          expect(/first|older/.test(text), text).toBe(question.comparison === 'earlier');
        }
      }
    }
    expect(counts.names).toBeGreaterThan(60);
    expect(counts.yes).toBeGreaterThan(25);
    expect(counts.no).toBeGreaterThan(25);
  });

  it('come in the shapes of their set, in about the shares that are planned', () => {
    const sharesOf = (set: GeneratedSet | 'words', hops = defaultWorld(1).hops) => {
      const questions = [21, 22, 23, 24, 25, 26].flatMap(
        (seed) => generateWorld({ ...defaultWorld(seed, 150), set, hops }).questions,
      );
      return (shape: QuestionShape): number =>
        questions.filter((question) => question.shape === shape).length / questions.length;
    };
    const near = (share: number, planned: number): void => {
      expect(Math.abs(share - planned)).toBeLessThan(0.07);
    };
    const musique = sharesOf('musique', { two: 0, three: 0.5, four: 0.5 });
    near(musique('3hop1'), 0.375);
    near(musique('3hop2'), 0.125);
    near(musique('4hop1'), 0.25);
    near(musique('4hop2'), 0.125);
    near(musique('4hop3'), 0.125);
    const hotpotqa = sharesOf('hotpotqa');
    near(hotpotqa('bridge'), 0.8);
    near(hotpotqa('comparison'), 0.2);
    const wiki = sharesOf('2wiki');
    near(wiki('compositional'), 0.42);
    near(wiki('inference'), 0.12);
    near(wiki('comparison'), 0.24);
    near(wiki('bridge comparison'), 0.22);
    expect(sharesOf('bamboogle')('2hop')).toBe(1);
    expect(sharesOf('words')('1hop')).toBe(1);
  });

  it('of Bamboogle’s shape are worded as no other set words them', () => {
    const wordingsOf = (set: GeneratedSet): Set<string> =>
      new Set(
        [31, 32, 33].flatMap((seed) =>
          generateWorld({ ...defaultWorld(seed, 100), set }).questions.map(({ text, chain = [] }) =>
            chain.reduce((words, { subject }) => words.replace(subject, 'X'), text),
          ),
        ),
      );
    const own = wordingsOf('bamboogle');
    for (const set of ['musique', 'hotpotqa', '2wiki'] as const) {
      for (const wording of wordingsOf(set)) expect(own.has(wording), wording).toBe(false);
    }
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
        for (const { text, golds, chain = [], comparison } of generateWorld(options).questions) {
          expect(text).toMatch(/^[A-Z][^{}]*\?$/);
          for (const name of chain[0]?.subject.split(' and ') ?? []) expect(text).toContain(name);
          if (comparison !== undefined) continue;
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
        // A small world has only so much to ask in the shapes of one set.
        if (options.set === 'musique') expect(questions).toHaveLength(options.questions);
        expect(questions.length).toBeLessThanOrEqual(options.questions);
        for (const key of ['id', 'text'] as const) {
          expect(new Set(questions.map((question) => question[key])).size).toBe(questions.length);
        }
        const set = options.set === 'words' ? 'own' : options.set;
        expect(questions.every((question) => question.set === set)).toBe(true);
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
    for (const relation of relations) {
      const { noun, phrases, questions, sentences } = relation;
      const random = new Random(1);
      const own = [bamboogleWording.phrase(random, relation), bamboogleWording.question(random, relation)];
      expect([...phrases, ...questions], noun).not.toEqual(expect.arrayContaining(own.slice(0, 1)));
      for (const wording of [...phrases, ...questions, ...own])
        expect(wording.split('{x}'), noun).toHaveLength(2);
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
