import { CountryTable } from './countryFacts.ts';
import { countryPassages } from './countryPassages.ts';
import { countryQuestions } from './countryQuestions.ts';
import type { World } from './types.ts';

export interface CountriesOptions {
  /** Chooses and words the questions; the passages never change (default 0). */
  readonly seed?: number;
  /** Most questions of two hops (default 320) and of three (default 120). */
  readonly twoHop?: number;
  readonly threeHop?: number;
}

/**
 * The world of real facts: countries, capitals, currencies, languages, peoples and regions. The data is loaded on the
 * first call only. No policy trains on it.
 */
export async function loadCountries(options: CountriesOptions = {}): Promise<World> {
  const { seed = 0, twoHop = 320, threeHop = 120 } = options;
  const { default: data } = await import('./countriesData.json');
  const table = new CountryTable(data.countries);
  return {
    name: 'Countries of the world',
    seed,
    passages: countryPassages(table),
    questions: countryQuestions(table, { seed, twoHop, threeHop }),
    credit: data.credit,
  };
}
