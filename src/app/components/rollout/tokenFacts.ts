import type { Trace } from '../../../traces/trace.ts';
import { fixed, probability, signed } from '../format.ts';
import type { TermName } from '../terms.ts';
import { tokenProbability } from './tokenMeasures.ts';

/** One thing that a trace can know of a token, written as the page writes it; undefined where it does not. */
export interface TokenFact {
  readonly name: string;
  /** What explains it. */
  readonly term: TermName;
  readonly value: string | undefined;
  /** One sentence: what it means. */
  readonly about: string;
}

/** All that can be known of a token, in the order of its life: drawn, compared, updated. */
export function tokenFacts(trace: Trace, index: number): readonly TokenFact[] {
  const { tokens } = trace;
  const at = (list: readonly (number | null)[] | undefined, digits: number): string | undefined => {
    const value = list?.[index];
    return value === undefined || value === null ? undefined : fixed(value, digits);
  };
  const clipped = tokens.clipped?.[index];
  const own = tokens.generated[index] === true;
  const p = tokenProbability(trace, index);
  return [
    {
      name: 'chance',
      term: 'probability',
      value: p === undefined ? undefined : probability(p),
      about: 'the policy gave it when it drew it',
    },
    {
      name: 'logprob',
      term: 'logprob',
      value: at(tokens.logprobs, 2),
      about: 'log of the chance it had when it was drawn',
    },
    {
      name: 'entropy, nats',
      term: 'entropy',
      value: at(tokens.entropies, 2),
      about: 'how undecided the policy was here',
    },
    {
      name: 'logprob in the update',
      term: 'logprob',
      value: at(tokens.currentLogprobs, 2),
      about: 'under the policy being updated, before its step',
    },
    {
      name: 'reference logprob',
      term: 'logprob',
      value: at(tokens.refLogprobs, 2),
      about: 'under the policy that training started from',
    },
    {
      name: 'advantage',
      term: 'advantage',
      value: own && trace.advantage !== undefined ? signed(trace.advantage) : undefined,
      about: 'of the rollout; each of its own tokens has it',
    },
    {
      name: 'ratio',
      term: 'ratio',
      value: at(tokens.ratios, 3),
      about: 'chance in the update ÷ chance when drawn',
    },
    {
      name: 'clipped',
      term: 'clip',
      value: clipped === undefined || clipped === null ? undefined : clipped ? 'yes' : 'no',
      about: 'past the clip the update takes no more from it',
    },
    {
      name: 'KL, nats',
      term: 'kl',
      value: at(tokens.kls, 4),
      about: 'how far the policy has moved from the reference here',
    },
  ];
}
