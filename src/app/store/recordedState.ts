import type { RecordedRun } from '../../lab/protocol.ts';
import { fetchJson } from './fetchJson.ts';

/** The recorded run: fetched after the first paint, checked, then played step by step. */
export type Recorded =
  | { readonly status: 'unread' | 'reading' }
  | { readonly status: 'missing'; readonly message: string }
  | {
      readonly status: 'ready';
      readonly run: RecordedRun;
      /** Steps drawn so far; playing adds one at a time. */
      readonly shown: number;
      readonly playing: boolean;
    };

export const recordedAddress = './runs/first-light.json';

/** A run ready to play from its start, or all there at once where motion is not wanted. */
export function startRecorded(run: RecordedRun, atOnce: boolean): Recorded {
  return { status: 'ready', run, shown: atOnce ? run.steps.length : 0, playing: !atOnce };
}

/** One step further; stops playing at the last. */
export function advanceRecorded(recorded: Recorded): Recorded {
  if (recorded.status !== 'ready' || !recorded.playing) return recorded;
  const shown = Math.min(recorded.shown + 1, recorded.run.steps.length);
  return { ...recorded, shown, playing: shown < recorded.run.steps.length };
}

/** From the start again. */
export function replayRecorded(recorded: Recorded): Recorded {
  return recorded.status === 'ready' ? { ...recorded, shown: 0, playing: true } : recorded;
}

/**
 * Fetches and checks the recorded run.
 * Throws when it is absent, is not JSON, or has a field that the page could not show; the message names it.
 */
export async function readRecorded(address: string): Promise<RecordedRun> {
  // The checker is a chunk of its own: the first paint does not wait for it.
  const [value, { parseRecordedRun }] = await Promise.all([
    fetchJson(address),
    import('./recordedSchema.ts'),
  ]);
  return parseRecordedRun(value, address);
}
