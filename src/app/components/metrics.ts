import type { StepMetrics } from '../../lab/protocol.ts';
import { compact, fixed, percent } from './format.ts';

/** A learning curve: how it is named, read from a row, written, drawn, and what it means. */
export interface Metric {
  readonly id: string;
  readonly label: string;
  /** Said beside the number, with its unit. */
  readonly unit: string;
  readonly about: string;
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
    of: (row) => row.em,
    write: percent,
    colour: '--answer',
    top: 1,
  },
  {
    id: 'reward',
    label: 'Reward',
    unit: 'mean, of 1',
    about:
      'Right: the answer’s F1. Wrong but well formed: 0.1. Broken format: 0; or as the recipe pays. The only thing it learns from.',
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
    of: (row) => row.searches,
    write: one,
    colour: '--search',
  },
  {
    id: 'selfCorrections',
    label: 'Self-corrections',
    unit: 'of rollouts',
    about: 'Rollouts that say they went wrong, search anew, and so get a page they need.',
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
    unit: 'mean, of 1',
    about: 'Words shared by answer and accepted answer.',
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
    of: (row) => row.responseTokens,
    write: one,
    colour: '--think',
  },
  {
    id: 'entropy',
    label: 'Entropy',
    unit: 'nats a token',
    about: 'How open the policy is at each token. Falling fast means it is closing on one habit.',
    of: (row) => row.entropy,
    write: (value) => fixed(value),
    colour: '--think',
  },
  {
    id: 'kl',
    label: 'KL',
    unit: 'nats a token, k3',
    about: 'Distance from the policy it started as. Computed only where the recipe weighs it.',
    of: (row) => row.kl,
    write: (value) => fixed(value, 4),
    colour: '--neg-3',
  },
  {
    id: 'zeroSpreadGroups',
    label: 'Groups without spread',
    unit: 'of groups',
    about: 'Every rollout of the group earned the same: no advantage, nothing learned from it.',
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
    of: (row) => row.gradNorm,
    write: (value) => fixed(value),
    colour: '--ink-2',
  },
  {
    id: 'clipFraction',
    label: 'Clipped',
    unit: 'of tokens',
    about: 'Tokens whose ratio left the clip range, and so stopped pushing.',
    of: (row) => row.clipFraction,
    write: percent,
    colour: '--pos-3',
  },
  {
    id: 'rolloutSpeed',
    label: 'Rollout speed',
    unit: 'tokens a second',
    about: 'Tokens generated, by the seconds the rollouts took (searches included).',
    of: (row) => (row.secondsRollout > 0 ? row.tokensGenerated / row.secondsRollout : 0),
    write: compact,
    colour: '--ink-2',
  },
  {
    id: 'trainSpeed',
    label: 'Training speed',
    unit: 'tokens a second',
    about: 'Tokens run forward and backward, by the seconds the update took.',
    of: (row) => (row.secondsTrain > 0 ? row.tokensTrained / row.secondsTrain : 0),
    write: compact,
    colour: '--ink-2',
  },
];
