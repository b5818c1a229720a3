import type { StepMetrics } from '../../lab/protocol.ts';
import { compact, fixed, percent } from './format.ts';

/** A learning curve: how it is named, read from a row, written, drawn, and what it means. */
export interface Metric {
  readonly id: string;
  readonly label: string;
  /** Said beside the number, with its unit. */
  readonly unit: string;
  readonly about: string;
  /** What to look for in it, as a sentence. */
  readonly look: string;
  readonly of: (row: StepMetrics) => number;
  readonly write: (value: number) => string;
  /** CSS variable of its line. */
  readonly colour: string;
  /** Top of the scale where it is known; absent: as high as the values go. */
  readonly top?: number;
}

const one = (value: number): string => fixed(value, 1);

/** The four that always stand. */
export const mainMetrics: readonly [Metric, ...Metric[]] = [
  {
    id: 'em',
    label: 'Right answers',
    unit: 'of the batch’s rollouts, sampled',
    about: 'Exact match: the answer equals an accepted one after both are normalised.',
    look: 'A slow rise with noise. Jumps to and fro at the end are the batch’s size, not forgetting.',
    of: (row) => row.em,
    write: percent,
    colour: '--answer',
    top: 1,
  },
  {
    id: 'reward',
    label: 'Reward',
    unit: 'mean, at most 1',
    about:
      'Right: the answer’s F1. Wrong but well formed: 0.1. Broken format: 0; or as the recipe pays. The only thing it learns from.',
    look: 'It rises before right answers do while form is learned, and follows them from there.',
    of: (row) => row.reward,
    write: (value) => fixed(value),
    colour: '--ink-2',
    top: 1,
  },
  {
    id: 'searches',
    label: 'Searches',
    unit: 'a rollout',
    about: 'How often a rollout searches. Never rewarded itself.',
    look: 'It should come near the number of hops, and no further: a search too many costs tokens.',
    of: (row) => row.searches,
    write: one,
    colour: '--search',
  },
  {
    id: 'selfCorrections',
    label: 'Self-corrections',
    unit: 'of rollouts',
    about: 'Rollouts that say they went wrong, search anew, and so get a page they need.',
    look: 'It rises where first searches go wrong and noticing it pays.',
    of: (row) => row.selfCorrections,
    write: percent,
    colour: '--result',
  },
];

/** Those a visitor can add. */
export const moreMetrics: readonly Metric[] = [
  {
    id: 'f1',
    label: 'F1',
    unit: 'mean, at most 1',
    about: 'Words shared by answer and accepted answer.',
    look: 'Above right answers: what lies between is partly right.',
    of: (row) => row.f1,
    write: (value) => fixed(value),
    colour: '--answer',
    top: 1,
  },
  {
    id: 'formatRate',
    label: 'Well formed',
    unit: 'of rollouts',
    about: 'Rollouts whose tags and box are in order.',
    look: 'Near all of them early. A fall means that the policy breaks its own tags.',
    of: (row) => row.formatRate,
    write: percent,
    colour: '--ink-2',
    top: 1,
  },
  {
    id: 'responseTokens',
    label: 'Response tokens',
    unit: 'a rollout, without results',
    about: 'Tokens that the policy wrote itself.',
    look: 'Growth without more right answers is talk that nothing pays for.',
    of: (row) => row.responseTokens,
    write: one,
    colour: '--think',
  },
  {
    id: 'entropy',
    label: 'Entropy',
    unit: 'nats a token',
    about: 'How open the policy is at each token it writes.',
    look: 'A slow fall is learning; a fall to nearly 0 is a policy that no longer tries anything else.',
    of: (row) => row.entropy,
    write: (value) => fixed(value),
    colour: '--think',
  },
  {
    id: 'kl',
    label: 'KL',
    unit: 'nats a token, k3',
    about: 'Distance from the policy it started as. Computed only where the recipe weighs it.',
    look: 'A steady rise is the price of learning; a jump is an update that went too far.',
    of: (row) => row.kl,
    write: (value) => fixed(value, 4),
    colour: '--neg-3',
  },
  {
    id: 'zeroSpreadGroups',
    label: 'Groups without spread',
    unit: 'of groups',
    about: 'Every rollout of the group earned the same: no advantage, nothing learned from it.',
    look: 'Many of them: the questions are too easy or too hard, and most of the batch is wasted.',
    of: (row) => row.zeroSpreadGroups,
    write: percent,
    colour: '--broken',
    top: 1,
  },
  {
    id: 'gradNorm',
    label: 'Gradient norm',
    unit: 'before clipping',
    about: 'Length of the whole gradient, before it is clipped to the recipe’s most.',
    look: 'Even, with spikes. Always above the recipe’s bound: every update is shortened.',
    of: (row) => row.gradNorm,
    write: (value) => fixed(value),
    colour: '--ink-2',
  },
  {
    id: 'clipFraction',
    label: 'Clipped',
    unit: 'of tokens',
    about: 'Tokens whose ratio left the clip range, and so stopped pushing.',
    look: '0 with one optimiser step a batch. Above a few per cent the steps are too large.',
    of: (row) => row.clipFraction,
    write: percent,
    colour: '--pos-3',
  },
  {
    id: 'rolloutSpeed',
    label: 'Rollout speed',
    unit: 'tokens a second',
    about: 'Tokens generated, by the seconds the rollouts took (searches included).',
    look: 'Mostly constant. Slow motion lowers it; longer rollouts raise it.',
    of: (row) => (row.secondsRollout > 0 ? row.tokensGenerated / row.secondsRollout : 0),
    write: compact,
    colour: '--ink-2',
  },
  {
    id: 'trainSpeed',
    label: 'Training speed',
    unit: 'tokens a second',
    about: 'Tokens run forward and backward, by the seconds the update took.',
    look: 'Mostly constant. A fall means that something else wants the processor.',
    of: (row) => (row.secondsTrain > 0 ? row.tokensTrained / row.secondsTrain : 0),
    write: compact,
    colour: '--ink-2',
  },
];
