/**
 * Writes src/world/countriesData.json: the fields of npm `world-countries` (Mohammed Le Doze and contributors, ODbL
 * 1.0) that the world of real facts uses, with a few corrections. Run: node --import tsx scripts/makeCountries.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';

const sourceSchema = z.array(
  z.object({
    cca3: z.string(),
    name: z.object({ common: z.string(), official: z.string() }),
    independent: z.boolean().nullable(),
    unMember: z.boolean(),
    capital: z.array(z.string()).default([]),
    region: z.string(),
    subregion: z.string(),
    languages: z.record(z.string(), z.string()).default({}),
    currencies: z
      .union([z.record(z.string(), z.object({ name: z.string(), symbol: z.string() })), z.array(z.never())])
      .default({}),
    borders: z.array(z.string()),
    demonyms: z.object({ eng: z.object({ m: z.string() }).optional() }).optional(),
    area: z.number(),
    landlocked: z.boolean(),
  }),
);

/** One name for a code: the source has "krone", "lari" and two names for the pound. */
const currencyNames: Readonly<Record<string, string>> = {
  DKK: 'Danish krone',
  EUR: 'euro',
  GBP: 'British pound',
  GEL: 'Georgian lari',
  GMD: 'Gambian dalasi',
  MKD: 'Macedonian denar',
  NOK: 'Norwegian krone',
  USD: 'US dollar',
  VES: 'Venezuelan bolívar',
};

/** Currencies that changed after the source was written. */
const currencyChanges: Readonly<Record<string, Readonly<Record<string, { name: string; symbol: string }>>>> =
  {
    // Euro since 1 January 2026.
    BGR: { EUR: { name: 'euro', symbol: '€' } },
    // The convertible peso was withdrawn in 2021.
    CUB: { CUP: { name: 'Cuban peso', symbol: '$' } },
    // The Caribbean guilder replaced the Netherlands Antillean guilder in 2025.
    CUW: { XCG: { name: 'Caribbean guilder', symbol: 'Cg' } },
    SXM: { XCG: { name: 'Caribbean guilder', symbol: 'Cg' } },
    // Missing in the source.
    FSM: { USD: { name: 'US dollar', symbol: '$' } },
    // ZiG since 2024; of the many foreign currencies the dollar is the one in daily use.
    ZWE: { ZWG: { name: 'Zimbabwe gold', symbol: 'ZiG' }, USD: { name: 'US dollar', symbol: '$' } },
  };

/** Names that the source gives by dialect, in an odd form, or that would make one language look like two. */
const languageNames: Readonly<Record<string, string>> = {
  'Austro-Bavarian German': 'German',
  'Swiss German': 'German',
  Moldavian: 'Romanian',
  Nauru: 'Nauruan',
  'Norwegian Bokmål': 'Norwegian',
  'Norwegian Nynorsk': 'Norwegian',
  'Persian (Farsi)': 'Persian',
  'Southern Sotho': 'Sotho',
};

/** Land borders that are not: a chain of shoals, and an island boundary drawn in 2022 that the source lacks. */
const borderChanges: Readonly<Record<string, readonly string[]>> = {
  LKA: [],
  IND: ['BGD', 'BTN', 'MMR', 'CHN', 'NPL', 'PAK'],
  CAN: ['DNK', 'USA'],
  DNK: ['CAN', 'DEU'],
};

/** Demonyms that are the country's name, a list, out of use, or another country's. */
const demonymChanges: Readonly<Record<string, string>> = {
  DJI: 'Djiboutian',
  GIB: 'Gibraltarian',
  KGZ: 'Kyrgyz',
  KNA: 'Kittitian',
  BIH: 'Bosnian',
  ATG: 'Antiguan',
  MDV: 'Maldivian',
  TJK: 'Tajik',
  CPV: 'Cape Verdean',
  COM: 'Comorian',
  ISL: 'Icelandic',
  SPM: 'Saint-Pierrais',
  VAT: '',
  BES: '',
  IOT: '',
  MNP: '',
  SJM: '',
};

const nameChanges: Readonly<Record<string, string>> = { TUR: 'Turkey', COD: 'DR Congo' };

const require = createRequire(import.meta.url);
const folder = new URL('../node_modules/world-countries/', import.meta.url);
const source = sourceSchema.parse(JSON.parse(readFileSync(new URL('countries.json', folder), 'utf8')));
const { version } = z.object({ version: z.string() }).parse(require('world-countries/package.json'));

const countries = source
  // Uninhabited places are left out: there is nobody to pay or to speak.
  .filter((country) => country.subregion !== '' && country.cca3 !== 'UMI')
  .map((country) => {
    const currencies =
      currencyChanges[country.cca3] ?? (Array.isArray(country.currencies) ? {} : country.currencies);
    return {
      code: country.cca3,
      name: nameChanges[country.cca3] ?? country.name.common,
      official: country.name.official,
      // The source has null for a country that not all states recognise.
      independent: country.independent !== false,
      unMember: country.unMember,
      capitals: country.capital,
      region: country.region,
      subregion: country.subregion,
      languages: [...new Set(Object.values(country.languages).map((name) => languageNames[name] ?? name))],
      currencies: Object.entries(currencies).map(([code, { name, symbol }]) => ({
        code,
        name: currencyNames[code] ?? name,
        symbol: symbol.replace(/\s+/g, ' '),
      })),
      borders: borderChanges[country.cca3] ?? country.borders,
      demonym: demonymChanges[country.cca3] ?? country.demonyms?.eng?.m ?? '',
      area: Math.max(0, country.area),
      landlocked: country.landlocked,
    };
  })
  .sort((a, b) => (a.code < b.code ? -1 : 1));

const rows = countries.map((country) => JSON.stringify(country)).join(',\n');
const credit = `Country facts: world-countries ${version} (github.com/mledoze/countries), Open Database License 1.0, with corrections.`;
writeFileSync(
  new URL('../src/world/countriesData.json', import.meta.url),
  `{"credit":${JSON.stringify(credit)},"countries":[\n${rows}\n]}\n`,
);
process.stderr.write(`${countries.length} countries written\n`);
