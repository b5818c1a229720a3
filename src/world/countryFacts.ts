/** Facts about one country or territory, as in countriesData.json (made by scripts/makeCountries.ts). */
export interface CountryFacts {
  /** ISO 3166-1 alpha-3, or UNK for Kosovo. */
  readonly code: string;
  readonly name: string;
  readonly official: string;
  readonly independent: boolean;
  readonly unMember: boolean;
  readonly capitals: readonly string[];
  readonly region: string;
  readonly subregion: string;
  /** Official languages in English. */
  readonly languages: readonly string[];
  readonly currencies: readonly Currency[];
  /** Codes of the countries it has a land border with. */
  readonly borders: readonly string[];
  /** What its people are called; '' where English has no word. */
  readonly demonym: string;
  /** Square kilometres; 0 where unknown. */
  readonly area: number;
  readonly landlocked: boolean;
}

export interface Currency {
  /** ISO 4217. */
  readonly code: string;
  readonly name: string;
  readonly symbol: string;
}

/** The facts, looked up from every side. */
export class CountryTable {
  readonly all: readonly CountryFacts[];
  private readonly byCode: ReadonlyMap<string, CountryFacts>;
  /** Users of each currency (by code), speakers of each language, and so on; larger countries first. */
  readonly byCurrency = new Map<string, CountryFacts[]>();
  readonly byLanguage = new Map<string, CountryFacts[]>();
  readonly byCapital = new Map<string, CountryFacts[]>();
  readonly byDemonym = new Map<string, CountryFacts[]>();
  readonly bySubregion = new Map<string, CountryFacts[]>();
  readonly names: ReadonlySet<string>;

  constructor(all: readonly CountryFacts[]) {
    this.all = all;
    this.byCode = new Map(all.map((country) => [country.code, country]));
    this.names = new Set(all.map((country) => country.name));
    const bySize = [...all].sort((a, b) => Number(b.independent) - Number(a.independent) || b.area - a.area);
    const put = (map: Map<string, CountryFacts[]>, key: string, country: CountryFacts): void => {
      const list = map.get(key);
      if (list === undefined) map.set(key, [country]);
      else list.push(country);
    };
    for (const country of bySize) {
      for (const { code } of country.currencies) put(this.byCurrency, code, country);
      for (const language of country.languages) put(this.byLanguage, language, country);
      for (const capital of country.capitals) put(this.byCapital, capital, country);
      if (country.demonym !== '') put(this.byDemonym, country.demonym, country);
      put(this.bySubregion, country.subregion, country);
    }
  }

  neighbours(country: CountryFacts): CountryFacts[] {
    return country.borders.map((code) => {
      const neighbour = this.byCode.get(code);
      if (neighbour === undefined)
        throw new Error(`countriesData.json: ${country.code} borders unknown ${code}.`);
      return neighbour;
    });
  }

  /** The one country with which this one has a land border, if it is one. */
  onlyNeighbour(country: CountryFacts): CountryFacts | undefined {
    const neighbours = this.neighbours(country);
    return neighbours.length === 1 ? neighbours[0] : undefined;
  }
}

const ARTICLE =
  /^(United |Netherlands$|Philippines$|Bahamas$|Gambia$|Maldives$|Comoros$|Seychelles$|DR Congo$|Republic of|Central African Republic$|Dominican Republic$|Isle of|Falkland|Caribbean$|Caribbean Netherlands$|British |French Southern)|Islands$/;

/** A name as English says it inside a sentence: "the Gambia", "the Marshall Islands", "Bhutan". */
export function withArticle(name: string): string {
  return ARTICLE.test(name) ? `the ${name}` : name;
}

/** "China", "China and India", "China, India and Nepal". */
export function listInWords(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** Places of the passages, so that a question's chain can name them. */
export const passageIds = {
  country: (country: CountryFacts): string => `country-${country.code}`,
  geography: (country: CountryFacts): string => `geography-${country.code}`,
  capital: (country: CountryFacts, capital: string): string => `capital-${country.code}-${capital}`,
  people: (country: CountryFacts): string => `people-${country.code}`,
  currency: (code: string): string => `currency-${code}`,
  language: (language: string): string => `language-${language}`,
  region: (subregion: string): string => `region-${subregion}`,
} as const;
