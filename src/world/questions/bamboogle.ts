import { relationKey } from './factIndex.ts';
import { plainWording, type Wording } from './wording.ts';

/**
 * Bamboogle's two-hop questions were written by hand and look like no training template (Press et al. 2023). These
 * wordings stand in no other set: phrases with {x} inside a longer question, and whole questions.
 */
const ownWords: Readonly<
  Record<string, { readonly phrases: readonly string[]; readonly questions: readonly string[] }>
> = {
  'person birthplace': {
    phrases: ['the place where {x} first saw the light of day'],
    questions: ['What town can call {x} its own child?'],
  },
  'person spouse': {
    phrases: ['the one who shares a life with {x}'],
    questions: ['To whom did {x} say yes at the altar?'],
  },
  'person employer': {
    phrases: ['the firm that pays {x}'],
    questions: ['Whose payroll is {x} on?'],
  },
  'person teacher': {
    phrases: ['the mentor of {x}'],
    questions: ['At whose feet did {x} learn?'],
  },
  'person citizenship': {
    phrases: ['the nation that counts {x} among its citizens'],
    questions: ['Under which flag does {x} live?'],
  },
  'person father': { phrases: ['the dad of {x}'], questions: ['Whom does {x} call dad?'] },
  'person mother': { phrases: ['the mum of {x}'], questions: ['Whom does {x} call mum?'] },
  'person birth year': {
    phrases: ['the year that brought {x} into the world'],
    questions: ['What year is on the birth certificate of {x}?'],
  },
  'person team': {
    phrases: ['the side that {x} turns out for'],
    questions: ['Which side does {x} turn out for?'],
  },
  'city country': {
    phrases: ['the nation around {x}'],
    questions: ['On the soil of which nation does {x} stand?'],
  },
  'city mayor': {
    phrases: ['whoever runs the town hall of {x}'],
    questions: ['Who sits in the town hall of {x}?'],
  },
  'city river': { phrases: ['the water that divides {x}'], questions: ['What water divides {x}?'] },
  'city team': { phrases: ['the local side of {x}'], questions: ['Which is the local side of {x}?'] },
  'country capital': {
    phrases: ['the seat of government of {x}'],
    questions: ['From which town is {x} ruled?'],
  },
  'country language': {
    phrases: ['the tongue of {x}'],
    questions: ['What tongue would help a visitor to {x}?'],
  },
  'country currency': {
    phrases: ['the coin of {x}'],
    questions: ['What would a visitor to {x} need in the purse?'],
  },
  'country region': {
    phrases: ['the part of the world that holds {x}'],
    questions: ['What part of the world holds {x}?'],
  },
  'country neighbour': {
    phrases: ['the one land next to {x}'],
    questions: ['Which land is next door to {x}?'],
  },
  'country president': {
    phrases: ['the leader of {x}'],
    questions: ['Who leads {x}?'],
  },
  'company founder': {
    phrases: ['the entrepreneur behind {x}'],
    questions: ['Whose idea was {x} to begin with?'],
  },
  'company headquarters': {
    phrases: ['the town with the main office of {x}'],
    questions: ['Where would a letter to the head office of {x} go?'],
  },
  'company director': {
    phrases: ['the boss of {x}'],
    questions: ['Who has the last word at {x}?'],
  },
  'company year': {
    phrases: ['the first business year of {x}'],
    questions: ['What was the first business year of {x}?'],
  },
  'film director': {
    phrases: ['the film-maker behind {x}'],
    questions: ['Who called the shots on the set of {x}?'],
  },
  'film star': {
    phrases: ['the leading face of {x}'],
    questions: ['Whose face is on the poster of {x}?'],
  },
  'film studio': {
    phrases: ['whoever paid for {x}'],
    questions: ['Who put up the money for {x}?'],
  },
  'film year': {
    phrases: ['the premiere year of {x}'],
    questions: ['What year was the premiere of {x}?'],
  },
  'book author': {
    phrases: ['the pen behind {x}'],
    questions: ['From whose pen is {x}?'],
  },
  'book publisher': {
    phrases: ['the house that printed {x}'],
    questions: ['Which house printed {x}?'],
  },
  'book setting': {
    phrases: ['the scene of {x}'],
    questions: ['Which streets does one walk in {x}?'],
  },
  'book year': {
    phrases: ['the first print year of {x}'],
    questions: ['What year bears the first print of {x}?'],
  },
  'album singer': {
    phrases: ['the voice on {x}'],
    questions: ['Whose voice is on {x}?'],
  },
  'album label': {
    phrases: ['whoever put {x} in the shops'],
    questions: ['Who put {x} in the shops?'],
  },
  'team coach': {
    phrases: ['whoever picks the players of {x}'],
    questions: ['Who picks the players of {x}?'],
  },
  'team home': {
    phrases: ['the town where {x} has its ground'],
    questions: ['Where is the ground of {x}?'],
  },
  'river country': {
    phrases: ['the land that {x} waters'],
    questions: ['Which land does {x} water?'],
  },
  'university founder': {
    phrases: ['whoever opened {x}'],
    questions: ['Who first opened {x}?'],
  },
  'university city': {
    phrases: ['the town where one studies at {x}'],
    questions: ['Where do the students of {x} live?'],
  },
  'currency country': {
    phrases: ['the land that pays with {x}'],
    questions: ['In which land are prices in {x}?'],
  },
  'language country': {
    phrases: ['the land that talks in {x}'],
    questions: ['In which land does one hear {x}?'],
  },
  'demonym country': {
    phrases: ['the land that {x} people call home'],
    questions: ['Which land do {x} people call home?'],
  },
  'match venue': {
    phrases: ['the town that saw {x}'],
    questions: ['Which town saw {x}?'],
  },
  'match referee': {
    phrases: ['whoever blew the whistle at {x}'],
    questions: ['Who blew the whistle at {x}?'],
  },
  'match year': { phrases: ['the season of {x}'], questions: ['What was the season of {x}?'] },
  'treaty place': {
    phrases: ['the town that gave a table to {x}'],
    questions: ['Which town gave a table to {x}?'],
  },
  'treaty author': {
    phrases: ['the hand behind {x}'],
    questions: ['Whose hand wrote {x}?'],
  },
  'treaty year': { phrases: ['the season of {x}'], questions: ['What year saw {x}?'] },
};

/** Words that the other sets do not use. */
export const bamboogleWording: Wording = {
  phrase: (random, relation) =>
    random.pick(ownWords[relationKey(relation.from, relation.noun)]?.phrases ?? relation.phrases),
  question: (random, relation) => {
    const own = ownWords[relationKey(relation.from, relation.noun)];
    return own ? random.pick(own.questions) : plainWording.question(random, relation);
  },
};

/** The same words in questions for a single fact: "What or who is the mentor of X?" */
export const singleWording: Wording = {
  phrase: bamboogleWording.phrase.bind(bamboogleWording),
  question: (random, relation) =>
    random.chance(0.5)
      ? bamboogleWording.question(random, relation)
      : `What or who is ${bamboogleWording.phrase(random, relation)}?`,
};
