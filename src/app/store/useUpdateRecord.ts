import { useMemo } from 'react';
import { useApp } from './store.ts';
import { updateRecord, type UpdateRecord } from './updateRecord.ts';
import { useRun } from './useRun.ts';

/** The update that is looked at phase by phase; the same object as long as nothing of it has changed. */
export function useUpdateRecord(): UpdateRecord | undefined {
  const run = useRun();
  const watched = useApp((state) => state.lab.watched);
  const step = useApp((state) => state.step);
  return useMemo(() => updateRecord(run, watched, step), [run, watched, step]);
}
