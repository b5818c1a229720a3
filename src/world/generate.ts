import type { Passage } from '../retrieval/retriever.ts';
import { distractorCount, writeDistractor } from './distractors.ts';
import { makeEntities } from './entities.ts';
import type { Entity } from './entity.ts';
import { makeFacts } from './facts.ts';
import { writeGeography, writePage } from './pages.ts';
import { makeQuestions } from './questions/questions.ts';
import { Random } from './random.ts';
import { GEOGRAPHY_SHARE } from './schema.ts';
import type { World } from './types.ts';
import type { WorldOptions } from './worldOptions.ts';

/** A small encyclopedia and questions over it; a pure function of its options. */
export function generateWorld(options: WorldOptions): World {
  const random = new Random(options.seed);
  const entities = makeEntities(random, options);
  makeFacts(random, entities);
  return {
    name: `Generated world ${String(options.seed)}`,
    seed: options.seed,
    passages: makePages(random, entities, options),
    questions: makeQuestions(random.fork(), entities, options),
  };
}

function makePages(random: Random, entities: readonly Entity[], options: WorldOptions): Passage[] {
  const { seed, about, passages } = options;
  const bearers = new Map<string, number>();
  for (const { name } of entities) bearers.set(name, (bearers.get(name) ?? 0) + 1);
  const pages = entities
    .filter((entity) => entity.passageId !== undefined)
    .map((entity) => writePage(random, entity, (bearers.get(entity.name) ?? 0) > 1));
  if (about === 'places') {
    const countries = entities.filter((entity) => entity.type === 'country');
    const shown = random.shuffle(countries).slice(0, Math.round((GEOGRAPHY_SHARE / 100) * passages));
    pages.push(
      ...shown.map((country, i) =>
        writeGeography(random, `g${String(seed)}-${String(i)}`, country, countries),
      ),
    );
  }
  for (let i = 0; i < distractorCount(options); i++) {
    pages.push(writeDistractor(random, `d${String(seed)}-${String(i)}`, random.pick(entities).name));
  }
  return random.shuffle(pages);
}
