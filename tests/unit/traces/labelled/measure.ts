import { behavioursOf } from '../../../../src/traces/behaviours.ts';
import { behaviourNames, type Behaviour } from '../../../../src/traces/trace.ts';
import { labelledRollouts, type Labelled } from './read.ts';

/** How a detector did against the reader. */
export interface Measured {
  readonly name: Behaviour;
  /** Rollouts that the reader found it in. */
  readonly labelled: number;
  readonly found: number;
  readonly both: number;
  /** Numbers of the rollouts where they differ: found by the detector alone, by the reader alone. */
  readonly detectorAlone: readonly number[];
  readonly readerAlone: readonly number[];
}

/** Share of what the detector found that the reader found as well; 1 where it found nothing. */
export const precision = ({ both, found }: Measured): number => (found === 0 ? 1 : both / found);

/** Share of what the reader found that the detector found as well; 1 where there was nothing. */
export const recall = ({ both, labelled }: Measured): number => (labelled === 0 ? 1 : both / labelled);

export function measure(rollouts: readonly Labelled[]): Measured[] {
  const seen = rollouts.map(({ n, labels, trace }) => ({ n, labels, found: behavioursOf(trace) }));
  return behaviourNames.map((name) => {
    const numbers = (wanted: (labelled: boolean, found: boolean) => boolean): number[] =>
      seen
        .filter(({ labels, found }) => wanted(labels.includes(name), found.includes(name)))
        .map(({ n }) => n);
    return {
      name,
      labelled: numbers((labelled) => labelled).length,
      found: numbers((_, found) => found).length,
      both: numbers((labelled, found) => labelled && found).length,
      detectorAlone: numbers((labelled, found) => found && !labelled),
      readerAlone: numbers((labelled, found) => labelled && !found),
    };
  });
}

/** The last number of the draws taken whole; those above it were chosen for being long or odd. */
const LAST_AS_DRAWN = 310;

/** What the detectors were mended on: every other one of those as drawn. */
export const mendedOn = (): Labelled[] =>
  labelledRollouts().filter(({ n }) => n <= LAST_AS_DRAWN && n % 2 === 1);

/** What is reported: all that the detectors were not mended on. */
export const heldOut = (): Labelled[] =>
  labelledRollouts().filter(({ n }) => n > LAST_AS_DRAWN || n % 2 === 0);

/** The rows of `docs/behaviours.md`. */
export function reportRows(): string[] {
  const held = heldOut();
  const drawn = measure(held.filter(({ n }) => n <= LAST_AS_DRAWN));
  return measure(held).map((all, i) => {
    const share = ((drawn[i]?.labelled ?? 0) / held.filter(({ n }) => n <= LAST_AS_DRAWN).length) * 100;
    const cells = [
      all.name,
      all.labelled,
      all.found,
      all.both,
      precision(all).toFixed(2),
      recall(all).toFixed(2),
    ];
    return `| ${[...cells, `${share.toFixed(0)} %`].join(' | ')} |`;
  });
}
