import { breathe } from './breathe.ts';
import { GroupWriting } from './groupWriting.ts';
import type { PhaseGate } from './phaseGate.ts';
import type { LabEvent } from './protocol.ts';
import type { RunHooks, TrainRun } from './trainRun.ts';

/** Least milliseconds between two events that tell how far a phase is. */
const TELL_EVERY = 80;

/** A run at work, and whom it is told to. */
export interface AtWork {
  readonly run: TrainRun;
  readonly signal: AbortSignal;
  readonly post: (event: LabEvent) => void;
}

/** Tells how far each phase is. */
export function toldHooks({ run, signal, post }: AtWork): RunHooks {
  let last = 0;
  return {
    signal,
    breathe,
    onPhase: (phase, done, total) => {
      const now = performance.now();
      if (now - last < TELL_EVERY && done < total) return;
      last = now;
      post({ type: 'phase', step: run.step + 1, phase, done, total });
    },
  };
}

/**
 * An update that nobody holds: at full speed, or slowed down to be read and told while it is written.
 * @param pace least milliseconds between two tokens now
 */
export function pacedHooks(atWork: AtWork, pace: () => number): RunHooks {
  const hooks = toldHooks(atWork);
  const step = atWork.run.step + 1;
  const writing = new GroupWriting(0, (question, traces) =>
    atWork.post({ type: 'writing', step, question, traces }),
  );
  let rolling = true;
  return {
    ...hooks,
    onToken: (...told) => {
      if (pace() > 0) writing.onToken(...told);
    },
    onPhase: (phase, ...progress) => {
      rolling = phase === 'rollouts';
      hooks.onPhase?.(phase, ...progress);
    },
    breathe: () => (rolling && pace() > 0 ? pause(pace()) : breathe()),
  };
}

/** How a watched update is looked at. */
export interface Look {
  /** Group whose rollouts are told while they are written. */
  readonly group: number;
  /** Least milliseconds between two of their tokens. */
  readonly pace: number;
}

/**
 * An update held between its phases.
 * @param look as it is now
 * @param onHeld called when it is held
 */
export function watchedHooks(
  atWork: AtWork,
  gate: PhaseGate,
  look: () => Look,
  onHeld: () => void,
): RunHooks {
  const { run, signal, post } = atWork;
  const step = run.step + 1;
  let writing = true;
  return {
    ...toldHooks(atWork),
    watch: {
      group: look().group,
      before: async (phase) => {
        writing &&= phase === 'rollouts';
        const held = gate.wait(signal);
        if (gate.holding) onHeld();
        await held;
      },
      found: (finding) => post({ type: 'watched', step, finding }),
    },
    // In slow motion time passes between tokens, and the worker listens all the same.
    breathe: () => (writing && look().pace > 0 ? pause(look().pace) : breathe()),
  };
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
