import type { Passage } from '../retrieval/retriever.ts';
import { filler, geographyText } from './fillers.ts';
import type { Entity } from './entity.ts';
import type { Random } from './random.ts';
import { isPairType, types, type PairType } from './schema.ts';

export const professions = [
  'painter',
  'writer',
  'engineer',
  'singer',
  'lawyer',
  'doctor',
  'actor',
  'teacher',
  'banker',
  'sailor',
  'chemist',
  'poet',
];

/** Share of pages with a sentence that no question asks about. */
const FILLED = 0.4;
/** Share of pages of shared names whose title tells the type: "Cholwis (book)". */
const TITLED_WITH_TYPE = 0.3;
/** Share of countries' pages that begin by the region: "Bhutan is a country in Southern Asia." */
const BEGINS_BY_REGION = 0.7;

/** A name as English says it inside a sentence: "the United Zubes", "the Halon Islands", "Bhutan". */
export function inText({ type, name }: Pick<Entity, 'type' | 'name'>): string {
  if (type === 'country' || type === 'city')
    return /^(United|Republic of) |(Islands|Republic)$/.test(name) ? `the ${name}` : name;
  if (type !== 'region') return name;
  if (name.includes(' and ')) return `the region ${name}`;
  return name.includes(' ') ? name : `the ${name}`;
}

/** A name at the start of a sentence: only an article is made a capital, a name is spelled one way. */
const opening = (name: string): string => name.replace(/^the /, 'The ');

/**
 * The page of an entity: begins with its name, says what it is, and states its facts in a random order of words.
 * @param shared whether another entity of the world bears the name
 */
export function writePage(random: Random, entity: Entity, shared: boolean): Passage {
  const { type } = entity;
  if (isPairType(type)) return writePairPage(random, entity, type);
  const kind = type === 'person' ? random.pick(professions) : random.pick(types[type].words);
  const article = /^[aeio]/.test(kind) ? 'an' : 'a';
  const pronoun = type === 'person' ? random.pick(['He', 'She']) : 'It';
  const name = type === 'currency' && random.chance(0.5) ? `The ${entity.name}` : opening(inText(entity));
  const facts = random.shuffle(entity.facts);
  const region = facts.findIndex(({ relation }) => relation.noun === 'region');
  const sentences = facts.map((fact) => {
    const choice = fact.both ? (fact.relation.pluralSentences ?? []) : fact.relation.sentences;
    return random.pick(choice).replace('{y}', fact.stated);
  });
  const first = sentences[0];
  let text: string;
  if (region >= 0 && random.chance(BEGINS_BY_REGION)) {
    text = `${name} is ${article} ${kind} in ${facts[region]?.stated ?? ''}.`;
    sentences.splice(region, 1);
  } else if (first?.startsWith('{S} ') === true && random.chance(0.5)) {
    text = `${name}, ${article} ${kind}, ${first.slice(4)}`;
    sentences.shift();
  } else {
    text = `${name} is ${article} ${kind}.`;
  }
  if (random.chance(FILLED))
    sentences.splice(random.below(sentences.length + 1), 0, filler(random, type, pronoun));
  for (const sentence of sentences) text += ` ${sentence.replace('{S}', pronoun)}`;
  const title =
    shared && random.chance(TITLED_WITH_TYPE)
      ? `${entity.name} (${types[type].words[0] ?? type})`
      : entity.name;
  return { id: entity.passageId ?? entity.name, title, text };
}

const pairOpenings: Readonly<Record<PairType, readonly string[]>> = {
  match: ['was hard fought', 'was long awaited', 'ended without a winner'],
  treaty: ['was kept secret', 'did not last', 'brought peace'],
};

/** The page of what two have in common: "The match of Cholwis and Boras was hard fought. …" */
function writePairPage(random: Random, entity: Entity, type: PairType): Passage {
  const stated = random.shuffle(entity.facts).map((fact) => {
    return random.pick(fact.relation.sentences).replace('{y}', fact.stated);
  });
  const of = `${types[type].words[0] ?? type} of ${entity.name}`;
  return {
    id: entity.passageId ?? entity.name,
    title: of.charAt(0).toUpperCase() + of.slice(1),
    text: [`The ${of} ${random.pick(pairOpenings[type])}.`, ...stated].join(' '),
  };
}

/** The page of a country's geography, which states no fact that a question asks for. */
export function writeGeography(
  random: Random,
  id: string,
  country: Entity,
  countries: readonly Entity[],
): Passage {
  const neighbours = random
    .shuffle(countries)
    .filter((other) => other !== country)
    .slice(0, random.below(6))
    .map(inText);
  return {
    id,
    title: `Geography of ${country.name}`,
    text: geographyText(random, inText(country), neighbours),
  };
}
