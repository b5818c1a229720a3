import type { Trace } from '../traces/trace.ts';

/** Milliseconds between two snapshots of a rollout that is being written. */
const SNAPSHOT_EVERY = 60;

/** An `onToken` of a rollout that hands on its snapshots a few times a second. */
export function nowAndThen(onTrace: (trace: Trace) => void): (task: unknown, snapshot: () => Trace) => void {
  let last = 0;
  return (_task, snapshot) => {
    const now = performance.now();
    if (now - last < SNAPSHOT_EVERY) return;
    last = now;
    onTrace(snapshot());
  };
}
