import type { Passage } from '../retrieval/retriever.ts';
import type { Random } from './random.ts';
import type { WorldOptions } from './worldOptions.ts';

/** Things that no question asks about, and sentences of their pages. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  ship: ['It sank in a storm.', 'It carried salt and wool.', 'It had a crew of {n}.'],
  street: ['It is {n} metres long.', 'It is lined with old trees.', 'It is closed to cars.'],
  festival: ['It is held every {n} years.', 'It is known for its lanterns.', 'Rain has never stopped it.'],
  horse: ['It won {n} races.', 'It was sold at a fair.', 'It lived to a great age.'],
  statue: ['It weighs {n} tonnes.', 'It has lost an arm.', 'Nobody knows who made it.'],
};

/** Pages of a world that are about such things. */
export const distractorCount = ({ distractors, passages }: WorldOptions): number =>
  Math.round((distractors ?? 0) * passages);

/** The page of something called like an entity of the world, so that the name alone may bring it. */
export function writeDistractor(random: Random, id: string, name: string): Passage {
  const kind = random.pick(Object.keys(kinds));
  const sentences = random
    .shuffle(kinds[kind] ?? [])
    .slice(0, 1 + random.below(2))
    .map((sentence) => sentence.replace('{n}', String(2 + random.below(300))));
  return {
    id,
    title: random.chance(0.5) ? `${name} (${kind})` : name,
    text: `${name} is a ${kind}. ${sentences.join(' ')}`,
  };
}
