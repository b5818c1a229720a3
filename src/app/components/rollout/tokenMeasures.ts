import type { TokenColour } from '../../store/appState.ts';
import type { Trace } from '../../../traces/trace.ts';

/** Chance the policy gave the token when it drew it; undefined where it is not known or was inserted. */
export function tokenProbability(trace: Trace, index: number): number | undefined {
  const logprob = valueAt(trace, trace.tokens.logprobs, index);
  return logprob === undefined ? undefined : Math.min(1, Math.exp(logprob));
}

/** Something known of each token, and how it is drawn: a shade of three, and a line that gets thicker with it. */
export interface TokenMeasure {
  readonly value: Exclude<TokenColour, 'none'>;
  readonly label: string;
  /** One sentence: what it is, and what to look for. */
  readonly about: string;
  /** Why a rollout may not have it. */
  readonly missing: string;
  /** Signed measures are orange with a line below (likelier), blue with a line above (less likely). */
  readonly signed: boolean;
  /** Size from which a token is drawn in each of the three shades. */
  readonly from: readonly [number, number, number];
  /** The same in words, for the legend. */
  readonly steps: readonly [string, string, string];
  readonly read: (trace: Trace, index: number) => number | undefined;
}

export const tokenMeasures: readonly TokenMeasure[] = [
  {
    value: 'surprise',
    label: 'logprob',
    about:
      'How unlikely the token was when it was drawn: where it is dark, the rollout could have gone another way.',
    missing: 'The policy did not tell its chances.',
    signed: false,
    from: [0.5, 0.8, 0.95],
    steps: ['chance under 50 %', 'under 20 %', 'under 5 %'],
    read: (trace, index) => {
      const p = tokenProbability(trace, index);
      return p === undefined ? undefined : 1 - p;
    },
  },
  {
    value: 'entropy',
    label: 'entropy',
    about:
      'How undecided the policy was at the token, in nats: 0 is certain, 0.7 a coin, 2.3 ten equal choices.',
    missing: 'The policy did not tell its entropies.',
    signed: false,
    from: [0.35, 0.7, 1.4],
    steps: ['0.35 nats', '0.7', '1.4 and more'],
    read: (trace, index) => valueAt(trace, trace.tokens.entropies, index),
  },
  {
    value: 'push',
    label: 'advantage',
    about:
      'Advantage × (1 − chance): how hard the update pushes the token. A token that was certain cannot be pushed.',
    missing: 'The rollout has no advantage, or its chances are not told.',
    signed: true,
    from: [0.1, 0.5, 1],
    steps: ['0.1', '0.5', '1 and more'],
    read: (trace, index) => {
      const p = tokenProbability(trace, index);
      return p === undefined || trace.advantage === undefined ? undefined : trace.advantage * (1 - p);
    },
  },
  {
    value: 'ratio',
    label: 'ratio',
    about:
      'Chance under the policy being updated, divided by the chance when drawn; shown is how far it is from 1.',
    missing: 'No update has seen this rollout, or its ratios were not kept.',
    signed: true,
    from: [0.01, 0.05, 0.2],
    steps: ['1 %', '5 %', '20 % and more'],
    read: (trace, index) => {
      const ratio = valueAt(trace, trace.tokens.ratios, index);
      return ratio === undefined ? undefined : ratio - 1;
    },
  },
  {
    value: 'clipped',
    label: 'clipped',
    about: 'Tokens whose ratio went past the clip: the update takes no more from them.',
    missing: 'No update has seen this rollout, or its clips were not kept.',
    signed: false,
    from: [1, 1, 1],
    steps: ['', '', 'clipped'],
    read: (trace, index) => {
      const clipped = trace.tokens.clipped?.[index];
      return clipped === undefined || clipped === null ? undefined : Number(clipped);
    },
  },
  {
    value: 'kl',
    label: 'KL',
    about: 'How far the policy has moved from the one it started from, at this token, in nats.',
    missing: 'The run has no KL term, or it was not kept.',
    signed: false,
    from: [0.001, 0.01, 0.1],
    steps: ['0.001 nats', '0.01', '0.1 and more'],
    read: (trace, index) => valueAt(trace, trace.tokens.kls, index),
  },
];

export const measureOf = (colour: TokenColour): TokenMeasure | undefined =>
  tokenMeasures.find(({ value }) => value === colour);

/** Whether any token of a rollout has the measure. */
export const hasMeasure = (trace: Trace, measure: TokenMeasure): boolean =>
  trace.tokens.generated.some((own, i) => own && measure.read(trace, i) !== undefined);

/** How a token is drawn: its shade, 1 to 3, and which way it is pushed. */
export interface Heat {
  readonly shade: 1 | 2 | 3;
  readonly way: 'none' | 'more' | 'less';
}

/** Undefined where the token has no such measure, or too little of it to be drawn. */
export function tokenHeat(trace: Trace, index: number, measure: TokenMeasure | undefined): Heat | undefined {
  const value = measure?.read(trace, index);
  if (measure === undefined || value === undefined) return undefined;
  const size = measure.signed ? Math.abs(value) : value;
  const shade = size >= measure.from[2] ? 3 : size >= measure.from[1] ? 2 : size >= measure.from[0] ? 1 : 0;
  if (shade === 0) return undefined;
  return { shade, way: !measure.signed ? 'none' : value > 0 ? 'more' : 'less' };
}

/** Tags are their own tokens; they stand back behind what is said. */
export const isTag = (text: string): boolean =>
  /^\s*<(\/?(think|search|result|answer|information)|\|[^|]*\|)>\s*$/.test(text);

function valueAt(
  { tokens }: Trace,
  list: readonly (number | null)[] | undefined,
  index: number,
): number | undefined {
  const value = list?.[index];
  return value === undefined || value === null || tokens.generated[index] !== true ? undefined : value;
}
