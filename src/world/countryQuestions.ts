import { passageIds, withArticle } from './countryFacts.ts';
import type { CountryFacts, CountryTable } from './countryFacts.ts';
import { STATED_LANGUAGES } from './countryPassages.ts';
import { Random } from './random.ts';
import type { Hop, Question } from './types.ts';

/** What leads to a country without naming it: "the country whose capital is Thimphu". */
interface Clue {
  readonly kind: 'capital' | 'currency' | 'language' | 'people' | 'neighbour';
  readonly country: CountryFacts;
  readonly phrases: readonly string[];
  readonly hops: readonly Hop[];
}

type Target = 'capital' | 'currency' | 'language' | 'region' | 'people';

const targetQuestions: Readonly<Record<Target, readonly string[]>> = {
  capital: ['What is the capital of {x}?', 'Which city is the capital of {x}?'],
  currency: ['What currency is used in {x}?', 'What is the currency of {x}?'],
  language: ['Which language is spoken in {x}?', 'What is the official language of {x}?'],
  region: ['In which region is {x}?', 'Which region does {x} belong to?'],
  people: ['What are the people of {x} called?'],
};

/** Share of the possible questions for a demonym that are asked: the least interesting thing to know of a country. */
const PEOPLE_SHARE = 0.3;

/** Seats of government that the source does not list as capitals, and other names, accepted as answers. */
const otherCapitals: Readonly<Record<string, readonly string[]>> = {
  BOL: ['La Paz'],
  LKA: ['Sri Jayawardenepura Kotte'],
  SWZ: ['Mbabane'],
  USA: ['Washington'],
};

const otherCurrencyNames: Readonly<Record<string, readonly string[]>> = {
  GBP: ['Pound sterling'],
  USD: ['United States dollar', 'American dollar'],
};

const withoutAccents = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');

/** Answers with their spellings without accents; no doubles. */
function spellings(answers: readonly string[]): string[] {
  return [...new Set(answers.flatMap((answer) => [answer, withoutAccents(answer)]))];
}

/** Every true answer, the canonical one first. */
function goldsOf(table: CountryTable, country: CountryFacts, target: Target): string[] {
  switch (target) {
    case 'capital':
      return spellings([...country.capitals, ...(otherCapitals[country.code] ?? [])]);
    case 'currency':
      return spellings([
        ...country.currencies.map(({ name }) => name),
        ...country.currencies.flatMap(({ code }) => [...(otherCurrencyNames[code] ?? []), code]),
      ]);
    case 'language':
      return spellings(country.languages);
    case 'region': {
      const short = country.subregion
        .replace(/^South-Eastern /, 'Southeast ')
        .replace(/^Middle /, 'Central ')
        .replace(/^(North|South|East|West)ern /, '$1 ');
      // "South Africa" is not short for Southern Africa.
      return table.names.has(short) ? [country.subregion] : [...new Set([country.subregion, short])];
    }
    case 'people':
      if (country.demonym === '') return [];
      return spellings(
        /(?:n|r|i)$/.test(country.demonym) ? [country.demonym, `${country.demonym}s`] : [country.demonym],
      );
  }
}

function targetHop(country: CountryFacts, target: Target, answer: string): Hop {
  return {
    subject: country.name,
    relation: target,
    object: answer,
    passageId: target === 'people' ? passageIds.people(country) : passageIds.country(country),
    query: target === 'people' ? `people of ${country.name}` : `country ${country.name} ${target}`,
  };
}

/** Only what one page states, with few enough answers that one of them is "the" answer. */
function canAsk(table: CountryTable, country: CountryFacts, target: Target): boolean {
  if (target === 'language')
    return country.languages.length > 0 && country.languages.length < STATED_LANGUAGES;
  return goldsOf(table, country, target).length > 0;
}

function directClues(table: CountryTable): Clue[] {
  const clues: Clue[] = [];
  const add = (
    kind: Exclude<Clue['kind'], 'neighbour'>,
    country: CountryFacts,
    subject: string,
    passageId: string,
    phrases: readonly string[],
  ): void => {
    const typeWord = kind === 'capital' ? 'city' : kind;
    const hop = {
      subject,
      relation: 'country',
      object: country.name,
      passageId,
      query: `${typeWord} ${subject} country`,
    };
    clues.push({ kind, country, phrases, hops: [hop] });
  };
  for (const country of table.all) {
    if (!country.independent) continue;
    for (const capital of country.capitals) {
      if (table.byCapital.get(capital)?.length !== 1) continue;
      const city = table.names.has(capital) ? `the city ${capital}` : capital;
      const phrases = [
        country.capitals.length > 1
          ? `the country that has ${city} as a capital`
          : `the country whose capital is ${city}`,
        `the country of which ${city} is ${country.capitals.length > 1 ? 'a' : 'the'} capital`,
        `the country where ${city} is located`,
      ];
      add('capital', country, capital, passageIds.capital(country, capital), phrases);
    }
    for (const { code, name } of country.currencies) {
      if (table.byCurrency.get(code)?.length !== 1) continue;
      add('currency', country, name, passageIds.currency(code), [
        `the country that uses the ${name}`,
        country.currencies.length > 1
          ? `the country where the ${name} is used`
          : `the country whose currency is the ${name}`,
      ]);
    }
    for (const language of country.languages) {
      if (table.byLanguage.get(language)?.length !== 1) continue;
      const article = country.languages.length > 1 ? 'an' : 'the';
      add('language', country, language, passageIds.language(language), [
        `the country where ${language} is ${article} official language`,
        article === 'an'
          ? `the country that has ${language} as an official language`
          : `the country whose official language is ${language}`,
      ]);
    }
    if (country.demonym !== '' && table.byDemonym.get(country.demonym)?.length === 1) {
      add('people', country, country.demonym, passageIds.people(country), [
        `the country whose people are called ${country.demonym}`,
        `the country whose demonym is ${country.demonym}`,
      ]);
    }
  }
  return clues;
}

/** From a country with one land border to the country behind it. */
function acrossTheBorder(
  table: CountryTable,
  from: CountryFacts,
  phrase: string,
  before: readonly Hop[],
): Clue | undefined {
  const neighbour = table.onlyNeighbour(from);
  if (neighbour?.independent !== true) return undefined;
  const hop = {
    subject: from.name,
    relation: 'neighbour',
    object: neighbour.name,
    passageId: passageIds.country(from),
    query: `country ${from.name} neighbour`,
  };
  return {
    kind: 'neighbour',
    country: neighbour,
    phrases: [
      `the only neighbour of ${phrase}`,
      `the only country that borders ${phrase}`,
      `the only country that shares a land border with ${phrase}`,
    ],
    hops: [...before, hop],
  };
}

const asWords = (text: string): string =>
  ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;

/** All questions of one clue; none that names its own answer or comes back to where it started. */
function questionsOf(table: CountryTable, clue: Clue, random: Random): Question[] {
  const questions: Question[] = [];
  for (const target of Object.keys(targetQuestions) as Target[]) {
    if (target === clue.kind || !canAsk(table, clue.country, target)) continue;
    if (target === 'people' && !random.chance(PEOPLE_SHARE)) continue;
    const golds = goldsOf(table, clue.country, target);
    const text = random.pick(targetQuestions[target]).replace('{x}', random.pick(clue.phrases));
    if (golds.some((gold) => asWords(text).includes(asWords(gold)))) continue;
    const chain = [...clue.hops, targetHop(clue.country, target, golds[0] ?? '')];
    const path = chain.map((hop, i) => (i === 0 ? `${hop.passageId}` : hop.relation)).join('/');
    questions.push({ id: `countries/${path}`, set: 'countries', text, golds, chain });
  }
  return questions;
}

/** Takes `count` of the questions, drawing in turn from each kind so that the many do not crowd out the few. */
function drawEvenly(groups: readonly (readonly Question[])[], count: number, random: Random): Question[] {
  const queues = groups.map((group) => random.shuffle(group));
  const drawn: Question[] = [];
  while (drawn.length < count && queues.some((queue) => queue.length > 0)) {
    for (const queue of queues) {
      const question = queue.pop();
      if (question !== undefined && drawn.length < count) drawn.push(question);
    }
  }
  return drawn;
}

export interface CountryQuestionOptions {
  readonly seed: number;
  readonly twoHop: number;
  readonly threeHop: number;
}

/**
 * Questions of two hops (clue → country → fact) and three (clue → country → its only neighbour → fact) over independent
 * countries. Each clue fits one country only, and every true answer is a gold.
 */
export function countryQuestions(
  table: CountryTable,
  { seed, twoHop, threeHop }: CountryQuestionOptions,
): Question[] {
  const random = new Random(seed);
  const direct = directClues(table);
  const borders = table.all.flatMap((country) =>
    country.independent ? (acrossTheBorder(table, country, withArticle(country.name), []) ?? []) : [],
  );
  const kinds = ['capital', 'currency', 'language', 'people'] as const;
  const asked = (clues: readonly Clue[]): Question[] =>
    clues.flatMap((clue) => questionsOf(table, clue, random));
  const twoHops = kinds.flatMap((kind) => {
    const own = direct.filter((clue) => clue.kind === kind);
    // Capitals have three turns of each round: they are the clue that comes to mind first.
    const turns = kind === 'capital' ? 3 : 1;
    return Array.from({ length: turns }, (_, turn) => asked(own.filter((_, i) => i % turns === turn)));
  });
  const threeHops = kinds.map((kind) =>
    asked(
      direct
        .filter((clue) => clue.kind === kind)
        .flatMap((clue) => acrossTheBorder(table, clue.country, random.pick(clue.phrases), clue.hops) ?? []),
    ),
  );
  return random.shuffle([
    ...drawEvenly([...twoHops, asked(borders)], twoHop, random),
    ...drawEvenly(threeHops, threeHop, random),
  ]);
}
