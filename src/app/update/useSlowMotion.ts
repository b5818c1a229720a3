import { useEffect } from 'react';
import { actions } from '../actions/registry.ts';
import { shownPhase } from '../store/updateRecord.ts';
import { useApp } from '../store/store.ts';
import { useUpdateRecord } from '../store/useUpdateRecord.ts';

/** How long each phase stands before the next one, in slow motion. */
const milliseconds = 7000;

/** Goes on by itself while slow motion is on, until the last phase. */
export function useSlowMotion(): void {
  const slow = useApp((state) => state.slow);
  const run = useApp((state) => state.lab.run);
  const asked = useApp((state) => state.phase);
  const record = useUpdateRecord();
  const phase = record === undefined ? undefined : shownPhase(record, asked);
  useEffect(() => {
    const busy = run === 'running' || run === 'pausing' || run === 'loading';
    if (!slow || busy || phase === undefined) return;
    if (phase === 'moved') {
      useApp.getState().setView({ slow: false });
      return;
    }
    const timer = setTimeout(actions.nextPhase.perform, milliseconds);
    return () => clearTimeout(timer);
  }, [slow, run, phase]);
}
