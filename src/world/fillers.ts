import type { Random } from './random.ts';
import type { EntityType } from './schema.ts';

/** Sentences that no question asks about: sizes, numbers, signs. Real pages are full of them. */

const thousands = (n: number): string => n.toLocaleString('en-US');
const area = (random: Random): string =>
  `${random.chance(0.7) ? thousands(10 + random.below(10 ** (2 + random.below(5)))) : (random.below(9000) / 100).toString()} square kilometres`;
const code = (random: Random): string =>
  Array.from({ length: 3 }, () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.charAt(random.below(26))).join('');
const signs = [
  '$',
  '£',
  '₨',
  '₦',
  '₫',
  '₴',
  '₡',
  '฿',
  'Fr',
  'kr',
  'د.إ',
  'ر.س',
  'L',
  'Rp',
  'zł',
  '₲',
  '元',
  '៛',
];

const plain: Readonly<Partial<Record<EntityType, readonly string[]>>> = {
  person: [
    '{P} has {n} brothers.',
    '{P} was paid little for it.',
    '{P} has never been abroad.',
    '{P} owns {n} horses.',
  ],
  city: [
    'The country has no coast.',
    'It has {n} bridges.',
    'It is known for its market.',
    'About {k} people live there.',
  ],
  country: ['It is landlocked.', 'It has no coast.', 'About {k} people live there.', 'It has {n} provinces.'],
  company: ['It employs {k} people.', 'It has {n} branches.'],
  film: ['It runs for {n} minutes.', 'It won {n} prizes.'],
  book: ['It has {n} pages.', 'It sold {k} copies.'],
  album: ['It has {n} songs.', 'It sold {k} copies.'],
  team: ['It won the cup {n} times.', 'Its ground holds {k} people.'],
  river: ['It is {n} kilometres long.'],
  university: ['It has {k} students.'],
  language: ['It has {k} speakers.', 'It is written from right to left.', 'It has {n} vowels.'],
};

/** One such sentence for an entity of `type`; `pronoun`: He, She or It. */
export function filler(random: Random, type: EntityType, pronoun: string): string {
  if (type === 'currency') {
    const sign = random.pick(signs);
    return random.pick([
      `Its sign is ${sign} and its code ${code(random)}.`,
      `Its code is ${code(random)}.`,
      `Its sign is ${sign}.`,
    ]);
  }
  if ((type === 'city' || type === 'country') && random.chance(0.5)) {
    const whole = random.pick([
      'The whole country covers',
      'The whole territory covers',
      'It has an area of',
    ]);
    return `${whole} ${area(random)}.`;
  }
  return random
    .pick(plain[type] ?? ['Little else is known of it.'])
    .replace('{P}', pronoun)
    .replace('{n}', String(2 + random.below(300)))
    .replace('{k}', thousands(1000 * (1 + random.below(900)) + random.below(1000)));
}

/** The page of a country's size and borders, beside its own: what answers to the country's name, but not to questions. */
export function geographyText(random: Random, name: string, neighbours: readonly string[]): string {
  const capitalised = name.charAt(0).toUpperCase() + name.slice(1);
  const last = neighbours.at(-1) ?? '';
  const list = neighbours.length > 1 ? `${neighbours.slice(0, -1).join(', ')} and ${last}` : last;
  return [
    random.pick([
      `The area of ${name} is ${area(random)}.`,
      `${capitalised} has an area of ${area(random)}.`,
    ]),
    ...(random.chance(0.3) ? ['It is landlocked.'] : []),
    list === '' ? 'It has no land border.' : `It borders ${list}.`,
  ].join(' ');
}
