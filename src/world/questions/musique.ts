import type { Entity, Fact } from '../entity.ts';
import type { Random } from '../random.ts';
import type { WorldOptions } from '../worldOptions.ts';
import type { Ask, Asked, Asker, Clause } from './clause.ts';
import type { FactIndex } from './factIndex.ts';

/** Share of the compositions among MuSiQue's questions of 3 and of 4 hops. */
const compositions = {
  three: [
    ['3hop1', 0.75],
    ['3hop2', 0.25],
  ],
  four: [
    ['4hop1', 0.5],
    ['4hop2', 0.25],
    ['4hop3', 0.25],
  ],
} as const;

type MusiqueShape = '2hop' | (typeof compositions)['three' | 'four'][number][0];

/**
 * One of MuSiQue's six compositions (Trivedi et al. 2022, Figure 3): a chain of 2, 3 or 4 facts (`2hop`, `3hop1`,
 * `4hop1`), two facts or chains that meet in what both share (`3hop2`, `4hop2`), or the same with one fact more
 * (`4hop3`).
 */
export function drawMusique(random: Random, hops: WorldOptions['hops']): Ask {
  const shape = drawShape(random, hops);
  switch (shape) {
    case '2hop':
      return chain(shape, 2);
    case '3hop1':
      return chain(shape, 3);
    case '4hop1':
      return chain(shape, 4);
    case '3hop2':
      return (asker, facts) => askAbout(asker, shape, joined(asker, facts, 1));
    case '4hop2':
      return (asker, facts) => askAbout(asker, shape, joined(asker, facts, 2));
    case '4hop3':
      return (asker, facts) => {
        const pair = joined(asker, facts, 1);
        return askAbout(asker, shape, pair && onward(asker, pair));
      };
  }
}

function drawShape(random: Random, { two, three, four }: WorldOptions['hops']): MusiqueShape {
  const length = random.weighted([two, three, four]);
  if (length === 0) return '2hop';
  const choice = compositions[length === 1 ? 'three' : 'four'];
  return choice[random.weighted(choice.map(([, share]) => share))]?.[0] ?? '2hop';
}

/** A chain of `length` facts, each about the object of the one before, that names only the first subject. */
export function chain(shape: Asked['shape'], length: number): Ask {
  return (asker, facts) => {
    let clause: Clause | undefined = asker.named(asker.random.pick(facts.starts));
    for (let i = 1; i < length && clause; i++) clause = onward(asker, clause);
    return askAbout(asker, shape, clause);
  };
}

const askAbout = (asker: Asker, shape: Asked['shape'], of: Clause | undefined): Asked | undefined =>
  of && asker.ask(shape, of, asker.random.pick(of.entity.facts));

/** One fact further, to something whose page states a fact as well. */
function onward(asker: Asker, clause: Clause): Clause | undefined {
  const open = clause.entity.facts.filter(leadsOn);
  return open.length === 0 ? undefined : asker.step(clause, asker.random.pick(open));
}

const leadsOn = ({ entity }: Fact): boolean => entity !== undefined && entity.facts.length > 0;

/** A match or treaty whose first side is reached by `steps` facts and whose second by one. */
function joined(asker: Asker, facts: FactIndex, steps: number): Clause | undefined {
  const { random } = asker;
  const pair = facts.pairs.length === 0 ? undefined : random.pick(facts.pairs);
  if (pair?.parts === undefined) return undefined;
  const [first, second] = [reach(asker, facts, pair.parts[0], steps), reach(asker, facts, pair.parts[1], 1)];
  return first && second && asker.join(pair, first, second);
}

/** A way to `entity` that does not name it, by `steps` facts. */
function reach(asker: Asker, facts: FactIndex, entity: Entity, steps: number): Clause | undefined {
  const ways = facts.leadingTo(entity);
  if (ways.length === 0) return undefined;
  const { subject, fact } = asker.random.pick(ways);
  const from = steps === 1 ? asker.named(subject) : reach(asker, facts, subject, steps - 1);
  return from && asker.step(from, fact);
}
