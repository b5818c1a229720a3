import { useMemo } from 'react';
import { keptAt, runView, shownSource, type RunView } from './runView.ts';
import type { KeptUpdate } from './labState.ts';
import { useApp } from './store.ts';

/** The run on the screen. The same object as long as nothing of it has changed. */
export function useRun(): RunView | undefined {
  const lab = useApp((state) => state.lab);
  const recorded = useApp((state) => state.recorded);
  const source = useApp(shownSource);
  const { steps, kept, evaluations, recipe, info } = lab;
  // Of the lab only what a run is made of: progress and play events leave it as it is.
  return useMemo(
    () => runView({ lab: { steps, kept, evaluations, recipe, info }, recorded }, source),
    [steps, kept, evaluations, recipe, info, recorded, source],
  );
}

/** The update whose groups are shown. */
export function useShownUpdate(run: RunView | undefined): KeptUpdate | undefined {
  const step = useApp((state) => state.step);
  return keptAt(run?.kept ?? [], step);
}
