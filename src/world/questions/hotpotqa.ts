import type { Wording } from './wording.ts';
import { plainWording } from './wording.ts';
import { askWhichFirst, bothSameAsk, drawSame } from './comparisons.ts';
import type { Random } from '../random.ts';
import type { Ask } from './clause.ts';
import { relationKey } from './factIndex.ts';
import { chain } from './musique.ts';

/** Share of comparisons among HotpotQA's questions (Yang et al. 2018: about a fifth), and of yes/no among these. */
const COMPARISONS = 0.2;
const YES_NO = 0.35;

/** A bridge of two facts, or a comparison of two pages. */
export function drawHotpotqa(random: Random): Ask {
  if (!random.chance(COMPARISONS)) return chain('bridge', 2);
  return random.chance(YES_NO) ? bothSameAsk(drawSame(random)) : askWhichFirst;
}

/** HotpotQA's writers often put the question word late: "The director of the film X was born in which city?". */
const lateQuestions: Readonly<Record<string, readonly string[]>> = {
  'person birthplace': ['{x} was born in which city?', '{x} is a native of what city?'],
  'person spouse': ['{x} is married to whom?', '{x} is the partner of which person?'],
  'person employer': ['{x} works for which company?'],
  'person teacher': ['{x} was taught by whom?'],
  'person citizenship': ['{x} holds the passport of which country?', 'What nationality does {x} hold?'],
  'person father': ['{x} is the child of which father?'],
  'person mother': ['{x} is the child of which mother?'],
  'person birth year': ['{x} was born in what year?'],
  'person team': ['{x} plays for which team?'],
  'city country': ['{x} is located in which country?'],
  'city mayor': ['{x} is governed by which mayor?'],
  'city river': ['{x} lies on which river?'],
  'city team': ['{x} is the home of which team?'],
  'country capital': ['{x} has which city as its capital?'],
  'country language': ['{x} has which official language?'],
  'country currency': ['{x} uses which currency?'],
  'country region': ['{x} is part of which region?'],
  'country neighbour': ['{x} shares its only border with which country?'],
  'country president': ['{x} is led by which president?'],
  'company founder': ['{x} was founded by which person?'],
  'company headquarters': ['{x} has its headquarters in what city?'],
  'company director': ['{x} is run by which director?'],
  'company year': ['{x} was founded in what year?'],
  'film director': ['{x} was directed by which person?'],
  'film star': ['{x} starred which actor?'],
  'film studio': ['{x} was produced by which company?'],
  'film year': ['{x} was released in what year?'],
  'book author': ['{x} was written by which author?'],
  'book publisher': ['{x} was published by which company?'],
  'book setting': ['{x} is set in which city?'],
  'book year': ['{x} was published in what year?'],
  'album singer': ['{x} was performed by which singer?'],
  'album label': ['{x} was released by which label?'],
  'team coach': ['{x} is coached by whom?'],
  'team home': ['{x} plays its home games in which city?'],
  'river country': ['{x} flows through which country?'],
  'university founder': ['{x} was founded by which person?'],
  'university city': ['{x} is located in which city?'],
  'currency country': ['{x} is the currency of which country?'],
  'language country': ['{x} is spoken in which country?'],
  'demonym country': ['{x} people are from which country?'],
};

/** Bridges as HotpotQA words them, one in two with the question word late. */
export const hotpotqaWording: Wording = {
  phrase: plainWording.phrase.bind(plainWording),
  question(random, relation) {
    const late = lateQuestions[relationKey(relation.from, relation.noun)];
    return late && random.chance(0.5) ? random.pick(late) : plainWording.question(random, relation);
  },
};
