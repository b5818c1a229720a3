import type { EntityType } from './schema.ts';

/**
 * How English speaks of what entities have to do with each other: for each relation the phrases of questions ({x}:
 * what is asked about), the noun a search would use, and the sentences of passages ({y}: the object; {S}: He, She or
 * It). Passages seldom use the noun that questions use, so a search by words alone meets the wrong page where names
 * are shared.
 */

export interface Relation {
  readonly noun: string;
  readonly from: EntityType;
  readonly to: EntityType | 'year';
  /** Noun phrases for the object, usable inside a longer question. */
  readonly phrases: readonly string[];
  /** Whole questions. */
  readonly questions: readonly string[];
  /** Sentences of the subject's passage. */
  readonly sentences: readonly string[];
  /** Sentences that name two objects, where a subject may have two. */
  readonly pluralSentences?: readonly string[];
  /** Only for a city that is the capital of its country. */
  readonly capitalOnly?: boolean;
}

const relation = (
  from: EntityType,
  noun: string,
  to: EntityType | 'year',
  phrases: readonly string[],
  questions: readonly string[],
  sentences: readonly string[],
): Relation => ({ from, noun, to, phrases, questions, sentences });

export const relations: readonly Relation[] = [
  relation(
    'person',
    'birthplace',
    'city',
    ['the birthplace of {x}', 'the city where {x} was born', 'the city of birth of {x}'],
    ['Where was {x} born?', 'In which city was {x} born?', 'What is the birthplace of {x}?'],
    ['{S} was born in {y}.', '{S} comes from {y}.', '{S} is a native of {y}.'],
  ),
  relation(
    'person',
    'spouse',
    'person',
    ['the spouse of {x}', 'the partner of {x}'],
    ['Who is the spouse of {x}?', 'Who is married to {x}?'],
    ['{S} married {y}.', '{S} shares a home with {y}.', '{S} and {y} had a wedding by the sea.'],
  ),
  relation(
    'person',
    'employer',
    'company',
    ['the employer of {x}', 'the company that employs {x}'],
    ['Which company does {x} work for?', 'Who is the employer of {x}?'],
    ['{S} works for {y}.', '{S} earns a living at {y}.', '{S} has a post at {y}.'],
  ),
  relation(
    'person',
    'teacher',
    'person',
    ['the teacher of {x}', 'the person who taught {x}'],
    ['Who taught {x}?', 'Who was the teacher of {x}?'],
    ['{S} studied under {y}.', '{S} learned the craft from {y}.', '{S} was a pupil of {y}.'],
  ),
  relation(
    'person',
    'citizenship',
    'country',
    ['the country of citizenship of {x}', 'the country that issued the passport of {x}'],
    ['What is the citizenship of {x}?', 'Which country is the country of citizenship of {x}?'],
    ['{S} is a national of {y}.', '{S} holds a passport of {y}.', '{S} votes in {y}.'],
  ),
  relation(
    'city',
    'country',
    'country',
    [
      'the country of {x}',
      'the country where {x} is located',
      'the country in which {x} lies',
      'the country that {x} belongs to',
    ],
    ['In which country is {x}?', 'Which country does {x} belong to?', 'What is the country of {x}?'],
    ['{S} is in {y}.', '{S} lies in {y}.', '{S} is part of {y}.', '{S} belongs to {y}.'],
  ),
  relation(
    'city',
    'mayor',
    'person',
    ['the mayor of {x}', 'the person who governs {x}'],
    ['Who is the mayor of {x}?', 'Who governs {x}?'],
    ['{S} is run by {y}.', 'The town hall is led by {y}.', '{y} was elected to lead it.'],
  ),
  relation(
    'city',
    'river',
    'river',
    ['the river that flows through {x}', 'the river of {x}'],
    ['Which river flows through {x}?', 'What is the river of {x}?'],
    ['{S} lies on the {y}.', 'The {y} runs through it.', 'Its bridges cross the {y}.'],
  ),
  relation(
    'country',
    'capital',
    'city',
    ['the capital of {x}', 'the capital city of {x}', 'the city that is the capital of {x}'],
    ['What is the capital of {x}?', 'Which city is the capital of {x}?'],
    [
      'Its capital is {y}.',
      'It is governed from {y}.',
      'The government sits in {y}.',
      'The capital city is {y}.',
    ],
  ),
  {
    ...relation(
      'country',
      'language',
      'language',
      ['the language of {x}', 'the official language of {x}', 'the language spoken in {x}'],
      [
        'What language is spoken in {x}?',
        'Which language is spoken in {x}?',
        'What is the official language of {x}?',
        'Which language do people speak in {x}?',
      ],
      [
        'People there speak {y}.',
        'Its people speak {y}.',
        'The official language is {y}.',
        '{y} is spoken there.',
        'Its language is {y}.',
      ],
    ),
    pluralSentences: ['The official languages are {y}.', 'Its languages are {y}.', 'People there speak {y}.'],
  },
  relation(
    'country',
    'currency',
    'currency',
    ['the currency of {x}', 'the currency used in {x}', 'the money of {x}'],
    [
      'What currency is used in {x}?',
      'What is the currency of {x}?',
      'Which currency do people pay with in {x}?',
    ],
    [
      'Its currency is the {y}.',
      'People pay with the {y}.',
      'The money is the {y}.',
      'Prices are in the {y}.',
    ],
  ),
  relation(
    'country',
    'region',
    'region',
    ['the region of {x}', 'the region where {x} lies'],
    ['In which region is {x}?', 'Which region does {x} belong to?'],
    ['{S} is a country in {y}.', '{S} lies in {y}.', '{S} is part of {y}.'],
  ),
  relation(
    'country',
    'neighbour',
    'country',
    [
      'the only neighbour of {x}',
      'the only country that borders {x}',
      'the country that shares a border with {x}',
    ],
    ['Which country borders {x}?', 'What is the only neighbour of {x}?'],
    [
      '{S} borders only {y}.',
      'Its only border is with {y}.',
      'It shares its only border with {y}.',
      '{S} borders {y}.',
    ],
  ),
  relation(
    'country',
    'president',
    'person',
    ['the president of {x}', 'the head of state of {x}'],
    ['Who is the president of {x}?', 'Who is the head of state of {x}?'],
    ['{S} is led by {y}.', '{y} rules it.', 'Its affairs are in the hands of {y}.'],
  ),
  relation(
    'company',
    'founder',
    'person',
    ['the founder of {x}', 'the person who founded {x}'],
    ['Who founded {x}?', 'Who is the founder of {x}?'],
    ['{S} was started by {y}.', '{y} set it up.', 'It was the idea of {y}.'],
  ),
  relation(
    'company',
    'headquarters',
    'city',
    ['the headquarters of {x}', 'the city where {x} is based', 'the home city of {x}'],
    ['Where is {x} based?', 'In which city is the headquarters of {x}?'],
    ['{S} is based in {y}.', 'Its main office is in {y}.', 'It does business from {y}.'],
  ),
  relation(
    'company',
    'director',
    'person',
    ['the director of {x}', 'the person who runs {x}', 'the head of {x}'],
    ['Who is the director of {x}?', 'Who runs {x}?'],
    ['{S} is managed by {y}.', 'Its chief is {y}.', '{y} is in charge.'],
  ),
  relation(
    'film',
    'director',
    'person',
    ['the director of {x}', 'the person who directed {x}'],
    ['Who directed {x}?', 'Who is the director of {x}?'],
    ['{S} was made by {y}.', '{y} was behind the camera.', 'It was shot by {y}.'],
  ),
  relation(
    'film',
    'star',
    'person',
    ['the star of {x}', 'the lead actor of {x}'],
    ['Who is the star of {x}?', 'Who played the lead in {x}?'],
    ['The main part is played by {y}.', '{y} acts in it.', 'It features {y}.'],
  ),
  relation(
    'film',
    'studio',
    'company',
    ['the studio behind {x}', 'the company that produced {x}'],
    ['Which company produced {x}?', 'What studio made {x}?'],
    ['It was paid for by {y}.', '{y} brought it to cinemas.', 'The money came from {y}.'],
  ),
  relation(
    'film',
    'year',
    'year',
    ['the year of {x}', 'the year {x} came out'],
    ['When did {x} come out?', 'In which year was {x} released?'],
    ['It was shown first in {y}.', 'It dates from {y}.'],
  ),
  relation(
    'book',
    'author',
    'person',
    ['the author of {x}', 'the person who wrote {x}', 'the writer of {x}'],
    ['Who wrote {x}?', 'Who is the author of {x}?'],
    ['{S} was written by {y}.', '{S} is by {y}.', '{y} wrote it.'],
  ),
  relation(
    'book',
    'publisher',
    'company',
    ['the publisher of {x}', 'the company that published {x}'],
    ['Which company published {x}?', 'Who is the publisher of {x}?'],
    ['It was brought out by {y}.', '{y} printed it.', 'It came from the presses of {y}.'],
  ),
  relation(
    'book',
    'setting',
    'city',
    ['the setting of {x}', 'the city where {x} is set'],
    ['In which city is {x} set?', 'What is the setting of {x}?'],
    ['It tells of life in {y}.', 'The story takes place in {y}.', 'It plays out in {y}.'],
  ),
  relation(
    'album',
    'singer',
    'person',
    ['the singer of {x}', 'the person who sang {x}', 'the performer of {x}'],
    ['Who sang {x}?', 'Who is the performer of {x}?'],
    ['{S} was recorded by {y}.', '{S} is the work of {y}.', 'The voice is that of {y}.'],
  ),
  relation(
    'album',
    'label',
    'company',
    ['the label of {x}', 'the company that released {x}'],
    ['Which label released {x}?', 'What company released {x}?'],
    ['It was sold by {y}.', '{y} put it in the shops.'],
  ),
  relation(
    'team',
    'coach',
    'person',
    ['the coach of {x}', 'the person who coaches {x}'],
    ['Who coaches {x}?', 'Who is the coach of {x}?'],
    ['{S} is trained by {y}.', '{y} picks the players.'],
  ),
  relation(
    'team',
    'home',
    'city',
    ['the home of {x}', 'the city where {x} plays'],
    ['In which city does {x} play?', 'What is the home of {x}?'],
    ['{S} plays in {y}.', 'Its ground is in {y}.'],
  ),
  relation(
    'river',
    'country',
    'country',
    ['the country of {x}', 'the country crossed by {x}'],
    ['Through which country does {x} flow?', 'In which country is {x}?'],
    ['{S} flows through {y}.', 'It crosses {y} to the sea.'],
  ),
  relation(
    'university',
    'founder',
    'person',
    ['the founder of {x}', 'the person who founded {x}'],
    ['Who founded {x}?', 'Who is the founder of {x}?'],
    ['{S} was started by {y}.', '{y} opened its doors.'],
  ),
  relation(
    'university',
    'city',
    'city',
    ['the city of {x}', 'the city where {x} is located'],
    ['In which city is {x}?', 'Where is {x} located?'],
    ['{S} stands in {y}.', 'Its halls are in {y}.'],
  ),
  relation(
    'currency',
    'country',
    'country',
    ['the country that uses {x}', 'the country whose currency is {x}', 'the country of {x}'],
    ['Which country uses {x}?', 'In which country is {x} used?'],
    ['{S} is used in {y}.', '{S} is the money of {y}.', '{S} is the currency of {y}.'],
  ),
  relation(
    'language',
    'country',
    'country',
    [
      'the country where {x} is spoken',
      'the country whose language is {x}',
      'the country where {x} is the official language',
      'the country of {x}',
    ],
    ['In which country is {x} spoken?', 'Which country speaks {x}?'],
    ['{S} is spoken in {y}.', '{S} is the language of {y}.', '{S} is the official language of {y}.'],
  ),
  relation(
    'demonym',
    'country',
    'country',
    ['the country whose people are called {x}', 'the country whose demonym is {x}'],
    ['Which country are {x} people from?', 'Which country has people called {x}?'],
    [
      '{S} is the word for the people of {y}.',
      '{S} is what the people of {y} are called.',
      'Those who bear it come from {y}.',
    ],
  ),
  {
    ...relation(
      'city',
      'country',
      'country',
      [
        'the country whose capital is {x}',
        'the country that has {x} as its capital',
        'the country with the capital {x}',
        'the country of which {x} is the capital',
      ],
      ['Which country has {x} as its capital?', 'Of which country is {x} the capital?'],
      ['{S} is the capital of {y}.', '{S} is the capital city of {y}.'],
    ),
    capitalOnly: true,
  },
];
