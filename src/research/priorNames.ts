import type { Passage } from '../retrieval/retriever.ts';
import type { Random } from '../world/random.ts';
import type { Hop, Question, World } from '../world/types.ts';

/** What the wrong answers of the prior are made of: names at hand. */
export interface NamesAtHand {
  readonly random: Random;
  readonly world: World;
  readonly question: Question;
  readonly chain: readonly Hop[];
}

/** The name a page is about: its title without the type. */
export const subjectOf = ({ title }: Passage): string =>
  title.replace(/ \([^)]*\)$/, '').replace(/^(?:Geography|Match|Treaty) of /, '');

/** Names that stand in a page beside its own: runs of capitalised words, without sentence openers. */
export function namesIn(passage: Passage): string[] {
  const body = passage.text.replace(subjectOf(passage), '');
  const runs = body.match(/\p{Lu}[\p{L}\p{M}'-]*(?:(?: and| of)? \p{Lu}[\p{L}\p{M}'-]*)*/gu) ?? [];
  return runs
    .map((run) => run.replace(/^(?:He|She|It) and /, ''))
    .filter(
      (name) => !/^(?:He|She|It|Its|The|People|Prices|Her|His|Those|About|Little|On|Sundays)$/.test(name),
    );
}

/** Some name of the page, or where there is none the question's first. */
export function nameAtHand(context: NamesAtHand, passage: Passage | undefined, not: string): string {
  const { random, chain } = context;
  const near = passage ? [...namesIn(passage), subjectOf(passage)] : [];
  const subject = chain[0]?.subject;
  const candidates = [...near, ...(subject === undefined || passage ? [] : [subject])].filter(
    (name) => name !== not,
  );
  return candidates.length > 0 ? random.pick(candidates) : (subject ?? context.world.name);
}

/** An answer without looking: yes or no, one of the two that are compared, or some name. */
export function guessOf({ random, world, question, chain }: NamesAtHand): string {
  if (question.comparison === 'same') return random.pick(['yes', 'no']);
  if (question.comparison !== undefined) {
    return chain[random.chance(0.5) ? 0 : Math.floor(chain.length / 2)]?.subject ?? '';
  }
  return random.chance(0.7) ? (chain[0]?.subject ?? '') : subjectOf(random.pick(world.passages));
}
