import type { Random } from '../random.ts';
import type { Ask, Asked, Asker } from './clause.ts';
import { askWhichFirst, bothSameAsk, drawMakers, drawSame } from './comparisons.ts';
import type { FactIndex } from './factIndex.ts';
import { chain } from './musique.ts';

/** Shares of 2WikiMultiHopQA's four kinds in its development set (Ho et al. 2020, Table 2, rounded). */
const shares = { compositional: 0.42, inference: 0.12, comparison: 0.24, bridgeComparison: 0.22 };

/** Two relations of which 2WikiMultiHopQA's rules make one. */
const kin = [
  { first: 'father', second: 'father', name: 'paternal grandfather' },
  { first: 'father', second: 'mother', name: 'paternal grandmother' },
  { first: 'mother', second: 'father', name: 'maternal grandfather' },
  { first: 'mother', second: 'mother', name: 'maternal grandmother' },
  { first: 'spouse', second: 'father', name: 'father-in-law' },
  { first: 'spouse', second: 'mother', name: 'mother-in-law' },
] as const;

/** One of 2WikiMultiHopQA's four kinds of questions. */
export function drawTwoWiki(random: Random): Ask {
  const { compositional, inference, comparison, bridgeComparison } = shares;
  switch (random.weighted([compositional, inference, comparison, bridgeComparison])) {
    case 0:
      return chain('compositional', 2);
    case 1:
      return askKin;
    case 2:
      return random.chance(0.5) ? bothSameAsk(drawSame(random)) : askWhichFirst;
    default:
      return drawMakers(random);
  }
}

/** "Who is the paternal grandfather of X?": the words name neither of the two relations. */
function askKin(asker: Asker, facts: FactIndex): Asked | undefined {
  const { random } = asker;
  const { first, second, name } = random.pick(kin);
  const starts = facts.of(`person ${first}`);
  if (starts.length === 0) return undefined;
  const { subject, fact } = random.pick(starts);
  const clause = asker.step(asker.named(subject), fact);
  const last = clause?.entity.facts.find(({ relation }) => relation.noun === second);
  const asked = clause && last && asker.ask('inference', clause, last);
  return asked && { ...asked, text: `Who is the ${name} of ${asker.named(subject).text}?` };
}
