import type { RecordedRun } from '../../lab/protocol.ts';
import { useApp } from '../store/store.ts';

/** The recorded run that the chapters count in; undefined until it has come. */
export function useRecordedRun(): RecordedRun | undefined {
  return useApp((state) => (state.recorded.status === 'ready' ? state.recorded.run : undefined));
}
