import type { NamedType } from './schema.ts';
import type { Random } from './random.ts';
import { spellWord } from './spelling.ts';

/**
 * Names that exist nowhere: words spelled like real ones, syllables in several manners, odd pieces, hyphens, accents,
 * and titles made of English words. They are wild on purpose: a policy that has only met tame names cannot copy real
 * ones.
 */

const manners = [
  {
    onsets: 'b c d f g l m n p r s t v br ch gr pl st tr'.split(' '),
    vowels: 'a e i o u a e i o ea ie'.split(' '),
    codas: 'n r s l nd rt st ck m th ld'.split(' '),
  },
  {
    onsets: 'b d g k l m n r s t v z h j kh sh'.split(' '),
    vowels: 'a a i u e o ai'.split(' '),
    codas: 'n r m sh k l'.split(' '),
  },
  {
    onsets: 'l m n r s t v p c d f g qu z'.split(' '),
    vowels: 'a e i o o a ia io é ã í'.split(' '),
    codas: 'n l s r'.split(' '),
  },
  {
    onsets: 'h k l m n p r s t v j sk sv fj th'.split(' '),
    vowels: 'a e i o u y ö å ø ei'.split(' '),
    codas: 'n r k l s ng ll'.split(' '),
  },
  {
    onsets: 't ts m n ng k w y mb nd z th b l'.split(' '),
    vowels: 'a e i o u a u'.split(' '),
    codas: ['n', 'ng', 'm'],
  },
] as const;
const placeEndings = [
  'ia',
  'land',
  'stan',
  'ville',
  'ton',
  'burg',
  'berg',
  'ford',
  'port',
  'ana',
  'ica',
  'ania',
  'os',
  'ou',
  'town',
  'dad',
  'mouth',
  'bourg',
  'ain',
];
const places = [
  'Port {}',
  'Saint {}',
  'New {}',
  'North {}',
  'South {}',
  'City of {}',
  '{} Islands',
  '{} City',
  'San {}',
  'Fort {}',
  '{} and {}',
  '{}-{}',
  'East {}',
  'Santa {}',
  'La {}',
  'El {}',
  '{} Republic',
  'Upper {}',
  'Al {}',
  'Republic of {}',
  'United {}',
  'New {} {}',
  '{} and the {}',
  'Central {} Republic',
];
const regions = [
  'Northern {}',
  'Southern {}',
  'Eastern {}',
  'Western {}',
  'Central {}',
  'Middle {}',
  'South-Eastern {}',
  'North-Western {}',
  'South {}',
  '{} and New {}',
  '{}',
];
const companies = [
  '{} Works',
  '{} Trading',
  '{} and {}',
  '{} Group',
  '{} Brothers',
  '{} Press',
  '{} Union',
  '{} House',
  '{} Studios',
  'The {} Company',
];
const teams = ['{} United', '{} Rovers', '{} City', 'Sporting {}', '{} Stars'];
const languageEndings = ['ish', 'ese', 'ian', 'ic', 'i', 'an', 'ean', 'o', 'ch', 'ole', 'in'];
const units = [
  'dollar',
  'pound',
  'franc',
  'crown',
  'dinar',
  'peso',
  'rupee',
  'mark',
  'shilling',
  'real',
  'lira',
  'rand',
  'krona',
  'riyal',
];
const adjectives = [
  'Salt',
  'Silent',
  'Golden',
  'Last',
  'Broken',
  'Red',
  'Hidden',
  'Winter',
  'Little',
  'Distant',
  'Bright',
  'Iron',
  'Second',
  'Empty',
  'Green',
  'Lost',
  'Long',
  'Black',
  'Old',
  'Paper',
  'Glass',
  'Sweet',
  'Wild',
  'Seven',
];
const nouns = [
  'Meridian',
  'Garden',
  'Harbour',
  'Letter',
  'Window',
  'Road',
  'Song',
  'Mountain',
  'Mirror',
  'House',
  'Sea',
  'Bird',
  'Summer',
  'Stone',
  'Clock',
  'Island',
  'Bridge',
  'Night',
  'Forest',
  'Star',
  'Door',
  'Horse',
  'Machine',
  'Child',
];
const titles = [
  'The {a} {n}',
  '{a} {n}',
  'The {n} of {s}',
  'A {n} for {s}',
  '{n} and {n2}',
  '{s}',
  '{s}',
  'The {s} {n}',
  'Return to {s}',
];
/** Pieces met in real names of many languages; glued at random they make names no list contains. */
const pieces =
  'an ar as at ba be bel ber bo bra bu cal can car cas ce cha co cor da dar de del den der do dom du el en er es fa fer fi fran ga gan gen go gu ha han hel hi ho hu ib il in is ja je jo ju ka kan ker ki ko ku la lan le len li lin lo lu ma man mar me men mi mo mon mor mu na nau ne ni nig no nor nu of on or os ou pa pan par pe pen per pi pla po por qua ra ran re ri rin ro ros ru sa sal san se sen ser si so sou su ta tan tar te ten ter ti to ton tor tri tu tur ul un ur us va van ve ven vi vo wa wel wi xi ya yo ys za zen zi zo amp and ate ent ess est igh ing ion ity ive ment nch ngu ose ough ound rth sch tch ther ver ward'.split(
    ' ',
  );

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

type Manner = (typeof manners)[number];

function syllable(random: Random, manner: Manner, last: boolean): string {
  const onset = random.chance(0.1) ? '' : random.pick(manner.onsets);
  const coda = random.chance(last ? 0.55 : 0.2) ? random.pick(manner.codas) : '';
  return onset + random.pick(manner.vowels) + coda;
}

/** One invented word, capitalised. */
export function inventWord(random: Random): string {
  const style = random.next();
  const manner = random.pick(manners);
  let word = '';
  if (style < 0.45) {
    word = spellWord(random);
  } else if (style < 0.7) {
    const length = 1 + random.weighted([1, 6, 2]);
    for (let i = 0; i < length; i++) word += syllable(random, manner, i === length - 1);
  } else if (style < 0.95) {
    const length = 2 + random.weighted([4, 2]);
    for (let i = 0; i < length; i++) word += random.pick(pieces);
  } else {
    const letters = 3 + random.below(4);
    for (let i = 0; i < letters; i++) word += 'abcdefghijklmnopqrstuvwxyz'.charAt(random.below(26));
  }
  if (word.length < 3) word += syllable(random, manner, true);
  if (word.length > 12) word = word.slice(0, 12);
  return capital(word);
}

function fillWords(random: Random, pattern: string): string {
  return pattern.replaceAll('{}', () => inventWord(random));
}

function place(random: Random): string {
  if (random.chance(0.22)) return fillWords(random, random.pick(places));
  const word = inventWord(random);
  return random.chance(0.3) ? word + random.pick(placeEndings) : word;
}

function title(random: Random): string {
  return random
    .pick(titles)
    .replace('{a}', random.pick(adjectives))
    .replace('{n2}', random.pick(nouns))
    .replace('{n}', random.pick(nouns))
    .replace('{s}', inventWord(random));
}

const peopleEndings = ['n', 'an', 'ian', 'ese', 'ish', 'i', 'ic', 'ean'];

/** What belongs to a country is often called after it: "Zambia", "Zambian", "the Zambian kwacha". */
export function nameAfter(
  random: Random,
  country: string,
  type: 'currency' | 'language' | 'demonym',
): string {
  const stem = /[aeiou]$/.test(country) && random.chance(0.5) ? country.slice(0, -1) : country;
  const adjective = stem + random.pick(peopleEndings);
  if (type !== 'currency') return adjective;
  return `${adjective} ${random.chance(0.55) ? random.pick(units) : inventWord(random).toLowerCase()}`;
}

/** A fresh name for an entity of `type`, which is not a pair. Not guaranteed to differ from earlier ones. */
export function inventName(random: Random, type: NamedType): string {
  switch (type) {
    case 'person':
      return random.chance(0.08) ? inventWord(random) : `${inventWord(random)} ${inventWord(random)}`;
    case 'city':
    case 'country':
      return place(random);
    case 'region':
      return fillWords(random, random.pick(regions));
    case 'company':
      return random.chance(0.45) ? fillWords(random, random.pick(companies)) : inventWord(random);
    case 'team':
      return random.chance(0.4) ? fillWords(random, random.pick(teams)) : inventWord(random);
    case 'film':
    case 'book':
    case 'album':
      return title(random);
    case 'river':
    case 'university':
      return inventWord(random);
    case 'language':
    case 'demonym':
      return capital(inventWord(random).toLowerCase().slice(0, 6) + random.pick(languageEndings));
    case 'currency':
      return random.chance(0.6)
        ? `${inventWord(random)} ${random.pick(units)}`
        : random.chance(0.5)
          ? inventWord(random).toLowerCase()
          : `${inventWord(random)} ${inventWord(random).toLowerCase()}`;
  }
}
