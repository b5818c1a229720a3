/**
 * What exists in a generated world: the types of its entities, how many there are of each, and which of them share
 * names. How English speaks of them is in relations.ts and fillers.ts.
 */

export type EntityType =
  | 'person'
  | 'city'
  | 'country'
  | 'company'
  | 'film'
  | 'book'
  | 'album'
  | 'team'
  | 'river'
  | 'university'
  | 'currency'
  | 'language'
  | 'region'
  | 'demonym'
  | 'match'
  | 'treaty';

export interface TypeInfo {
  /** Words for the type: the first is the one searches use. */
  readonly words: readonly string[];
  /** Pages of this type in 100. */
  readonly share: number;
  /** Whether other entities may be named after one of this type. */
  readonly lendsName: boolean;
  /** Whether entities of this type may bear a name that is already another's. */
  readonly borrowsName: boolean;
}

export const types: Readonly<Record<EntityType, TypeInfo>> = {
  person: { words: ['person'], share: 21, lendsName: true, borrowsName: false },
  city: { words: ['city', 'town'], share: 13, lendsName: true, borrowsName: true },
  country: { words: ['country', 'nation'], share: 7, lendsName: true, borrowsName: false },
  company: { words: ['company', 'firm'], share: 11, lendsName: true, borrowsName: true },
  film: { words: ['film', 'movie'], share: 10, lendsName: true, borrowsName: true },
  book: { words: ['book', 'novel'], share: 10, lendsName: true, borrowsName: true },
  album: { words: ['album', 'record'], share: 6, lendsName: false, borrowsName: true },
  team: { words: ['team', 'football club'], share: 5, lendsName: false, borrowsName: true },
  river: { words: ['river'], share: 3, lendsName: true, borrowsName: true },
  university: { words: ['university', 'college'], share: 3, lendsName: false, borrowsName: true },
  currency: { words: ['currency'], share: 3, lendsName: false, borrowsName: false },
  language: { words: ['language'], share: 2, lendsName: false, borrowsName: false },
  region: { words: ['region'], share: 0, lendsName: false, borrowsName: false },
  demonym: { words: ['demonym'], share: 0, lendsName: false, borrowsName: false },
  match: { words: ['match'], share: 3, lendsName: false, borrowsName: false },
  treaty: { words: ['treaty'], share: 3, lendsName: false, borrowsName: false },
};

/** What two of a kind have in common, and whose page is named after both. */
export const pairTypes = { match: 'team', treaty: 'country' } as const satisfies Partial<
  Record<EntityType, EntityType>
>;
export type PairType = keyof typeof pairTypes;
/** Types whose things have names of their own. */
export type NamedType = Exclude<EntityType, PairType>;

export const isPairType = (type: EntityType): type is PairType => Object.hasOwn(pairTypes, type);

/** A world of places: pages per 100 passages where they differ from those of a world of everything. */
export const placesShares: Readonly<Partial<Record<EntityType, number>>> = {
  person: 6,
  city: 20,
  country: 20,
  company: 3,
  film: 3,
  book: 3,
  album: 1,
  team: 1,
  university: 1,
  currency: 12,
  language: 9,
  demonym: 7,
  match: 0,
  treaty: 3,
};

/** Pages about the geography of countries, in 100 pages of a world of places. */
export const GEOGRAPHY_SHARE = 8;
