import type { StepMetrics } from '../../lab/protocol.ts';
import type { AppState } from './appState.ts';

/** Stands for the recorded run among the ids of kept ones. */
export const recordedId = 'recorded';

/** A run that is laid over the curves of the one on the screen. */
export interface Overlay {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly StepMetrics[];
}

/** Runs chosen to be compared, without the one that the curves are of anyway. */
export function overlaysOf(
  { runs, recorded }: Pick<AppState, 'runs' | 'recorded'>,
  source: 'recorded' | 'live',
): readonly Overlay[] {
  return runs.overlaid.flatMap((id) => {
    if (id === recordedId) {
      if (source === 'recorded' || recorded.status !== 'ready') return [];
      return [{ id, name: 'the recorded run', steps: recorded.run.steps }];
    }
    if (source === 'live' && id === runs.current) return [];
    const run = runs.list.find((candidate) => candidate.id === id);
    return run === undefined ? [] : [{ id, name: run.name, steps: run.steps }];
  });
}

/** Lines of overlaid runs: a hue and a dash each, so that neither speaks alone. */
export const overlayLooks = [
  { colour: '--search', dash: [6, 3] },
  { colour: '--broken', dash: [2, 3] },
  { colour: '--result', dash: [9, 3, 2, 3] },
  { colour: '--think', dash: [12, 4] },
] as const;

export const overlayLook = (i: number): (typeof overlayLooks)[number] =>
  overlayLooks[i % overlayLooks.length] ?? overlayLooks[0];
