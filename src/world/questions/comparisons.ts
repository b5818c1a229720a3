import type { Fact } from '../entity.ts';
import type { Random } from '../random.ts';
import type { Comparison } from '../types.ts';
import type { Ask, Asked, Asker, Clause } from './clause.ts';
import { relationKey, type FactIndex, type StatedFact } from './factIndex.ts';

/** Which of two has the earlier year, or the later: {a} and {b} are the two by name. */
const whichFirst: Readonly<
  Record<string, { readonly earlier: readonly string[]; readonly later: readonly string[] }>
> = {
  'film year': {
    earlier: ['Which film came out first, {a} or {b}?', 'Which film is older, {a} or {b}?'],
    later: ['Which film came out later, {a} or {b}?'],
  },
  'book year': {
    earlier: ['Which book was published first, {a} or {b}?', 'Which book is older, {a} or {b}?'],
    later: ['Which book was published later, {a} or {b}?'],
  },
  'company year': {
    earlier: ['Which company was founded first, {a} or {b}?', 'Which company is older, {a} or {b}?'],
    later: ['Which company was founded later, {a} or {b}?'],
  },
  'person birth year': {
    earlier: ['Who was born first, {a} or {b}?', 'Who is older, {a} or {b}?'],
    later: ['Who was born later, {a} or {b}?', 'Who is younger, {a} or {b}?'],
  },
};

/** Whether two have the same: {a} and {b} are the two in words. */
const bothSame: Readonly<Record<string, readonly string[]>> = {
  'city country': ['Are {a} and {b} in the same country?', 'Do {a} and {b} lie in the same country?'],
  'person birthplace': ['Were {a} and {b} born in the same city?'],
  'person employer': ['Do {a} and {b} work for the same company?'],
  'person citizenship': [
    'Do {a} and {b} have the same nationality?',
    'Are {a} and {b} of the same nationality?',
  ],
  'person team': ['Do {a} and {b} play for the same team?'],
  'company headquarters': ['Are {a} and {b} based in the same city?'],
  'team home': ['Do {a} and {b} play in the same city?'],
  'university city': ['Are {a} and {b} located in the same city?'],
  'river country': ['Do {a} and {b} flow through the same country?'],
  'film director': ['Were {a} and {b} directed by the same person?'],
  'book author': ['Were {a} and {b} written by the same person?'],
};

/** Share of the earlier among questions for earlier or later. */
const EARLIER = 0.6;
/** Share of yes among yes/no questions. */
const YES = 0.5;

/** Two different things of which one kind of fact is stated. */
function twoOf<T extends StatedFact>(asker: Asker, facts: readonly T[]): readonly [T, T] | undefined {
  if (facts.length < 2) return undefined;
  const [first, second] = [asker.random.pick(facts), asker.random.pick(facts)];
  return first.subject === second.subject ? undefined : [first, second];
}

/** "Which film came out first, A or B?" */
export function askWhichFirst(asker: Asker, facts: FactIndex): Asked | undefined {
  const { random } = asker;
  const key = random.pick(Object.keys(whichFirst));
  const two = twoOf(asker, facts.of(key));
  const wordings = whichFirst[key];
  if (!two || !wordings) return undefined;
  const comparison = random.chance(EARLIER) ? 'earlier' : 'later';
  const [a, b] = two;
  const text = fill(random.pick(wordings[comparison]), a.subject.name, b.subject.name);
  const clauses = [asker.named(a.subject), asker.named(b.subject)] as const;
  return asker.compare('comparison', text, comparison, clauses, [a.fact, b.fact]);
}

/** "Are A and B in the same country?", answered yes or no as `same` says. */
export function bothSameAsk(same: boolean): Ask {
  return (asker, facts) => {
    const { random } = asker;
    const key = random.pick(Object.keys(bothSame));
    const stated = facts.of(key).filter(({ fact }) => fact.entity !== undefined);
    const two = twoToCompare(random, stated, ({ fact }) => fact.object, same);
    if (!two) return undefined;
    const [a, b] = two;
    const clauses = [asker.named(a.subject), asker.named(b.subject)] as const;
    const text = fill(random.pick(bothSame[key] ?? []), clauses[0].text, clauses[1].text);
    return asker.compare('comparison', text, 'same', clauses, [a.fact, b.fact]);
  };
}

/** Draws whether the answer will be yes: as often as no, though by chance two things seldom have the same. */
export const drawSame = (random: Random): boolean => random.chance(YES);

/** Two things whose objects are the same, or are not. */
function twoToCompare<T>(
  random: Random,
  all: readonly T[],
  objectOf: (of: T) => string,
  same: boolean,
): readonly [T, T] | undefined {
  if (all.length === 0) return undefined;
  const first = random.pick(all);
  const others = all.filter((other) => other !== first && (objectOf(other) === objectOf(first)) === same);
  return others.length === 0 ? undefined : [first, random.pick(others)];
}

/** Works and firms, and the person through whom two of them are compared. */
const makers = [
  { key: 'film director', which: 'Which film has the director who was born {w}, {a} or {b}?' },
  { key: 'book author', which: 'Which book has the author who was born {w}, {a} or {b}?' },
  { key: 'album singer', which: 'Which album has the singer who was born {w}, {a} or {b}?' },
  { key: 'company founder', which: 'Which company has the founder who was born {w}, {a} or {b}?' },
] as const;

/** What of two people may be the same. */
const makersSame = ['person birthplace', 'person citizenship', 'person employer'] as const;

/** Share of yes/no among bridge comparisons. */
const MAKERS_YES_NO = 0.4;

/**
 * 2WikiMultiHopQA's bridge comparison: "Which film has the director who was born first, A or B?"; four hops, first
 * those of A, then those of B.
 */
function askMakersYears(asker: Asker, facts: FactIndex): Asked | undefined {
  const { random } = asker;
  const { key, which } = random.pick(makers);
  const two = twoOf(asker, makersOf(facts, key, relationKey('person', 'birth year')));
  if (!two) return undefined;
  const comparison = random.chance(EARLIER) ? 'earlier' : 'later';
  const when = comparison === 'earlier' ? 'first' : 'later';
  const text = fill(which.replace('{w}', when), two[0].subject.name, two[1].subject.name);
  return askMakers(asker, two, comparison, () => text);
}

/** "Do the director of A and the director of B have the same nationality?", answered yes or no as `same` says. */
function makersSameAsk(same: boolean): Ask {
  return (asker, facts) => {
    const { random } = asker;
    const { key } = random.pick(makers);
    const compared = random.pick(makersSame);
    const two = twoToCompare(random, makersOf(facts, key, compared), ({ theirs }) => theirs.object, same);
    const wording = random.pick(bothSame[compared] ?? []);
    return two && askMakers(asker, two, 'same', (first, second) => fill(wording, first.text, second.text));
  };
}

/** One of 2WikiMultiHopQA's bridge comparisons. */
export const drawMakers = (random: Random): Ask =>
  random.chance(MAKERS_YES_NO) ? makersSameAsk(drawSame(random)) : askMakersYears;

/** A work with its maker, and what is compared of the maker. */
interface Made extends StatedFact {
  readonly theirs: Fact;
}

/** Works of one kind whose maker's page states a fact of one relation. */
function makersOf(facts: FactIndex, key: string, compared: string): readonly Made[] {
  return facts.of(key).flatMap(({ subject, fact }) => {
    const maker = fact.entity;
    const theirs = maker?.facts.find(({ relation }) => relationKey(maker.type, relation.noun) === compared);
    return theirs ? [{ subject, fact, theirs }] : [];
  });
}

function askMakers(
  asker: Asker,
  [a, b]: readonly [Made, Made],
  comparison: Comparison,
  wording: (first: Clause, second: Clause) => string,
): Asked | undefined {
  const first = asker.step(asker.named(a.subject), a.fact);
  const second = asker.step(asker.named(b.subject), b.fact);
  if (!first || !second) return undefined;
  const facts = [a.theirs, b.theirs] as const;
  return asker.compare('bridge comparison', wording(first, second), comparison, [first, second], facts);
}

const fill = (wording: string, a: string, b: string): string =>
  wording.replace('{a}', () => a).replace('{b}', () => b);
