import type { Passage } from '../retrieval/retriever.ts';
import { listInWords, passageIds, withArticle } from './countryFacts.ts';
import type { CountryFacts, CountryTable, Currency } from './countryFacts.ts';
import { Random } from './random.ts';

/** Most languages a country's page names; a longer list would drown the rest of a short page. */
export const STATED_LANGUAGES = 4;
const STATED_NEIGHBOURS = 6;
const STATED_USERS = 5;

/** The wording of a page is drawn from its own id, so it never changes with the questions asked. */
function randomFor(id: string): Random {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  return new Random(hash);
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const squareKilometres = (area: number): string => `${area.toLocaleString('en-US')} square kilometres`;
const namesOf = (countries: readonly CountryFacts[]): string[] =>
  countries.map(({ name }) => withArticle(name));

/** "Bhutan", "France and Spain", or "38 countries and territories, among them …". */
function users(countries: readonly CountryFacts[]): string {
  if (countries.length <= STATED_USERS) return listInWords(namesOf(countries));
  const some = namesOf(countries.slice(0, STATED_USERS));
  return `${countries.length} countries and territories, among them ${listInWords(some)}`;
}

function countryPassage(table: CountryTable, country: CountryFacts): Passage {
  const id = passageIds.country(country);
  const random = randomFor(id);
  const { capitals, currencies, languages } = country;
  const facts: string[] = [];
  if (capitals.length === 1) {
    const capital = capitals[0] ?? '';
    facts.push(
      random.pick([
        `Its capital is ${capital}.`,
        `The capital city is ${capital}.`,
        `It is governed from ${capital}.`,
        `The government sits in ${capital}.`,
      ]),
    );
  } else if (capitals.length > 1) {
    facts.push(`Its capitals are ${listInWords(capitals)}.`);
  }
  if (currencies.length > 0) {
    const money = listInWords(currencies.map(({ name }) => `the ${name}`));
    facts.push(
      random.pick(
        currencies.length === 1
          ? [`Its currency is ${money}.`, `People pay with ${money}.`, `The money is ${money}.`]
          : [`Its currencies are ${money}.`, `People pay with ${money}.`],
      ),
    );
  }
  if (languages.length > STATED_LANGUAGES) {
    facts.push(
      `Its ${languages.length} official languages include ${listInWords(languages.slice(0, STATED_LANGUAGES))}.`,
    );
  } else if (languages.length > 1) {
    const spoken = listInWords(languages);
    facts.push(random.pick([`The official languages are ${spoken}.`, `Its languages are ${spoken}.`]));
  } else if (languages.length === 1) {
    const spoken = languages[0] ?? '';
    facts.push(
      random.pick([
        `The official language is ${spoken}.`,
        `Its language is ${spoken}.`,
        `Its people speak ${spoken}.`,
      ]),
    );
  }
  const neighbour = table.onlyNeighbour(country);
  if (neighbour !== undefined) {
    const name = withArticle(neighbour.name);
    facts.push(random.pick([`It borders only ${name}.`, `Its only border is with ${name}.`]));
  }
  const name = capitalised(withArticle(country.name));
  const kind = country.independent ? 'country' : 'territory';
  const where = country.subregion.includes(' and ')
    ? `the region ${country.subregion}`
    : withArticle(country.subregion);
  return {
    id,
    title: country.name,
    text: [`${name} is a ${kind} in ${where}.`, ...random.shuffle(facts)].join(' '),
  };
}

function geographyPassage(table: CountryTable, country: CountryFacts): Passage {
  const id = passageIds.geography(country);
  const random = randomFor(id);
  const name = withArticle(country.name);
  const neighbours = namesOf(table.neighbours(country));
  const sentences = [
    random.pick([
      `The area of ${name} is ${squareKilometres(country.area)}.`,
      `${capitalised(name)} has an area of ${squareKilometres(country.area)}.`,
    ]),
  ];
  if (country.landlocked) sentences.push('It is landlocked.');
  if (neighbours.length > STATED_NEIGHBOURS) {
    const some = listInWords(neighbours.slice(0, STATED_NEIGHBOURS));
    sentences.push(`It borders ${neighbours.length} countries, among them ${some}.`);
  } else if (neighbours.length > 0) {
    sentences.push(`It borders ${listInWords(neighbours)}.`);
  } else {
    sentences.push('It has no land border.');
  }
  return { id, title: `Geography of ${country.name}`, text: sentences.join(' ') };
}

function capitalPassage(table: CountryTable, country: CountryFacts, capital: string): Passage {
  const id = passageIds.capital(country, capital);
  const random = randomFor(id);
  const name = withArticle(country.name);
  const rank = country.capitals.length > 1 ? 'one of the capitals' : 'the capital';
  const sameName = capital === country.name;
  const opening = sameName
    ? `${capital} is a city. It is ${rank} of the country of the same name, ${name}.`
    : random.pick([
        `${capital} is ${rank} of ${name}.`,
        `${capital} is a city. It is ${rank} of ${name}.`,
        `${capital}, a city, is ${rank} of ${name}.`,
        country.capitals.length > 1
          ? `${capital} is a city and ${rank} of ${name}.`
          : `${capital} is the capital city of ${name}.`,
      ]);
  const kind = country.independent ? 'country' : 'territory';
  const more: string[] = [];
  if (!country.official.startsWith(country.name)) {
    more.push(`The official name of the ${kind} is the ${country.official}.`);
  }
  if (country.landlocked) more.push('The country has no coast.');
  if (country.area > 0) more.push(`The whole ${kind} covers ${squareKilometres(country.area)}.`);
  return {
    id,
    title: table.names.has(capital) ? `${capital} (city)` : capital,
    text: more.length > 0 ? `${opening} ${random.pick(more)}` : opening,
  };
}

function peoplePassage(table: CountryTable, country: CountryFacts): Passage {
  const id = passageIds.people(country);
  const name = withArticle(country.name);
  const { demonym } = country;
  const namesake = table.byLanguage.has(demonym);
  return {
    id,
    title: namesake ? `${demonym} (people)` : demonym,
    text: randomFor(id).pick([
      `${demonym} is the word for the people of ${name}.`,
      `${demonym} people come from ${name}.`,
      `${demonym} is what the people of ${name} are called.`,
    ]),
  };
}

function currencyPassage(table: CountryTable, currency: Currency): Passage {
  const id = passageIds.currency(currency.code);
  const random = randomFor(id);
  const where = users(table.byCurrency.get(currency.code) ?? []);
  const opening = random.pick([
    `The ${currency.name} is the currency of ${where}.`,
    `The ${currency.name} is the money of ${where}.`,
    `The ${currency.name} is a currency. It is used in ${where}.`,
  ]);
  return {
    id,
    title: capitalised(currency.name),
    text: `${opening} Its sign is ${currency.symbol} and its code ${currency.code}.`,
  };
}

function languagePassage(table: CountryTable, language: string): Passage {
  const id = passageIds.language(language);
  const random = randomFor(id);
  const countries = table.byLanguage.get(language) ?? [];
  const only = countries.length === 1 && countries[0]?.languages.length === 1;
  const where = users(countries);
  return {
    id,
    title: table.byDemonym.has(language) || table.names.has(language) ? `${language} (language)` : language,
    text: random.pick(
      only
        ? [
            `${language} is the official language of ${where}.`,
            `${language} is a language. It is the official language of ${where}.`,
          ]
        : [
            `${language} is a language. It is official in ${where}.`,
            `${language} is an official language of ${where}.`,
          ],
    ),
  };
}

function regionPassage(table: CountryTable, subregion: string): Passage {
  const countries = table.bySubregion.get(subregion) ?? [];
  const some = listInWords(namesOf(countries.slice(0, 8)));
  const region = countries[0]?.region ?? '';
  return {
    id: passageIds.region(subregion),
    title: table.names.has(subregion) ? `${subregion} (region)` : subregion,
    text: `${capitalised(withArticle(subregion))} is a region of ${withArticle(region)}. It takes in ${some}${countries.length > 8 ? ', among others' : ''}.`,
  };
}

/**
 * A small encyclopedia of real facts: a page for each country, capital, currency, language, people and region, and
 * one for the geography of each independent country. Every page has at most 40 words and one to five sentences.
 */
export function countryPassages(table: CountryTable): Passage[] {
  const passages: Passage[] = [];
  const currencies = new Map<string, Currency>();
  for (const country of table.all) {
    passages.push(countryPassage(table, country));
    if (country.independent) passages.push(geographyPassage(table, country));
    for (const capital of country.capitals) passages.push(capitalPassage(table, country, capital));
    if (country.demonym !== '') passages.push(peoplePassage(table, country));
    for (const currency of country.currencies) currencies.set(currency.code, currency);
  }
  for (const currency of currencies.values()) passages.push(currencyPassage(table, currency));
  for (const language of table.byLanguage.keys()) passages.push(languagePassage(table, language));
  for (const subregion of table.bySubregion.keys()) passages.push(regionPassage(table, subregion));
  // A name may end in a full stop of its own: "Washington D.C.".
  return passages.map((passage) => ({ ...passage, text: passage.text.replaceAll('..', '.') }));
}
