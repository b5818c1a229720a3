import { useApp } from '../store/store.ts';
import { ensureLoaded, sendToLab } from './labClient.ts';

/** What the buttons of a run do, whatever state the worker is in. */

function showLive(): void {
  useApp.getState().setView({ source: 'live', step: undefined, open: undefined });
}

async function begin(how: 'start' | 'step'): Promise<void> {
  const { lab } = useApp.getState();
  showLive();
  if (lab.run === 'paused') {
    sendToLab({ type: how });
    return;
  }
  if (lab.run === 'running' || lab.run === 'pausing' || lab.run === 'loading') return;
  // A finished run keeps its weights until the next one begins; `stop` puts the base policy back.
  if (lab.run === 'done') sendToLab({ type: 'stop' });
  if (await ensureLoaded(true)) sendToLab({ type: how });
}

/** Starts or goes on with the run of the page's recipe, loading engine and policy first where needed. */
export const startRun = (): Promise<void> => begin('start');

/** One update, then a pause. */
export const stepRun = (): Promise<void> => begin('step');

export const pauseRun = (): void => sendToLab({ type: 'pause' });

/** Ends the run; the curves stay on the screen until the next one. */
export const stopRun = (): void => sendToLab({ type: 'stop' });

/** Ends whatever runs and begins again with the page's recipe: a load ends the run before it. */
export async function restartRun(): Promise<void> {
  showLive();
  if (await ensureLoaded(true)) sendToLab({ type: 'start' });
}
