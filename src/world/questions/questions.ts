import type { Entity } from '../entity.ts';
import type { Random } from '../random.ts';
import type { GeneratedSet, Question } from '../types.ts';
import type { WorldOptions } from '../worldOptions.ts';
import { bamboogleWording, singleWording } from './bamboogle.ts';
import { Asker, type Ask, type Asked } from './clause.ts';
import { FactIndex } from './factIndex.ts';
import { drawHotpotqa, hotpotqaWording } from './hotpotqa.ts';
import { chain, drawMusique } from './musique.ts';
import { drawTwoWiki } from './twoWiki.ts';
import { plainWording, type Wording } from './wording.ts';

interface Family {
  readonly wording: Wording;
  /** Draws what kind of question comes next. */
  readonly draw: (random: Random, options: WorldOptions) => Ask;
}

const families: Readonly<Record<GeneratedSet | 'words', Family>> = {
  musique: { wording: plainWording, draw: (random, { hops }) => drawMusique(random, hops) },
  hotpotqa: { wording: hotpotqaWording, draw: drawHotpotqa },
  '2wiki': { wording: plainWording, draw: drawTwoWiki },
  bamboogle: { wording: bamboogleWording, draw: () => chain('2hop', 2) },
  words: { wording: singleWording, draw: () => chain('1hop', 1) },
};

/** Most tries for a question of the kind drawn, many of which lead nowhere. */
const TRIES = 60;
/** Kinds in a row that a world may have no more questions of, before it is taken to have none left. */
const BARREN_KINDS = 20;

/**
 * Questions over a world in the shape of one of the paper's sets. Each is asked once and names none of its answers
 * but where it has to choose between two; fewer than asked for where a small world has no more.
 */
export function makeQuestions(
  random: Random,
  entities: readonly Entity[],
  options: WorldOptions,
): Question[] {
  const { seed, set = 'musique', questions: wanted } = options;
  const { wording, draw } = families[set];
  const facts = new FactIndex(entities);
  const bearers = new Map<string, number>();
  for (const { name } of entities) bearers.set(name, (bearers.get(name) ?? 0) + 1);
  const asker = new Asker(random, wording, bearers);
  const questions: Question[] = [];
  const seen = new Set<string>();
  for (let barren = 0; questions.length < wanted && barren < BARREN_KINDS;) {
    const asked = firstNew(draw(random, options), asker, facts, seen);
    barren = asked ? 0 : barren + 1;
    if (!asked) continue;
    seen.add(asked.text);
    // The ids of the set that GRPO trains on are as they always were.
    const prefix = set === 'musique' ? '' : `${set}-`;
    const id = `${prefix}${String(seed)}-${String(questions.length)}`;
    questions.push({ id, set: set === 'words' ? 'own' : set, ...asked });
  }
  return questions;
}

function firstNew(ask: Ask, asker: Asker, facts: FactIndex, seen: ReadonlySet<string>): Asked | undefined {
  for (let tries = 0; tries < TRIES; tries++) {
    const asked = ask(asker, facts);
    if (asked && !seen.has(asked.text)) return asked;
  }
  return undefined;
}
