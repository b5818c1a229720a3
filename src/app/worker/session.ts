import type { LabRequest } from '../../lab/protocol.ts';
import { paces, type PaceName } from '../store/paces.ts';
import { awaitsLive } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { ensureLoaded, sendToLab } from './labClient.ts';

/** What the buttons of a run do, whatever state the worker is in. */

/** What a link waits for of the run stays open. */
function showLive(): void {
  const state = useApp.getState();
  state.setView(
    awaitsLive(state) ? { source: 'live' } : { source: 'live', step: undefined, open: undefined },
  );
}

async function begin(request: Extract<LabRequest, { type: 'start' | 'step' | 'step-phase' }>): Promise<void> {
  const { lab } = useApp.getState();
  showLive();
  if (lab.run === 'paused') {
    sendPaced(request);
    return;
  }
  if (lab.run === 'running' || lab.run === 'pausing' || lab.run === 'loading') return;
  // A finished run keeps its weights until the next one begins; `stop` puts the base policy back.
  if (lab.run === 'done') sendToLab({ type: 'stop' });
  if (await ensureLoaded(true)) sendPaced(request);
}

/** At the speed that is chosen: a worker that has just loaded knows of none. */
function sendPaced(request: LabRequest): void {
  sendToLab({ type: 'pace', pace: paces[useApp.getState().pace] });
  sendToLab(request);
}

/** Starts or goes on with the run of the page's recipe, loading engine and policy first where needed. */
export const startRun = (): Promise<void> => begin({ type: 'start' });

/** One update, then a pause. */
export const stepRun = (): Promise<void> => begin({ type: 'step' });

/** Milliseconds between tokens in slow motion: as fast as one reads along. */
const slowPace = 70;

const phaseRequest = (slow: boolean, group: number): Extract<LabRequest, { type: 'step-phase' }> => ({
  type: 'step-phase',
  group,
  pace: slow ? slowPace : 0,
});

/** Begins an update that is held after each phase; its first group is looked at while it is written. */
export const beginPhases = (slow: boolean): Promise<void> => begin(phaseRequest(slow, 0));

/** Lets the update that is held go on by one phase. */
export const nextPhase = (slow: boolean): void => sendToLab(phaseRequest(slow, 0));

/** Slows the run down or lets it go, from its next token on. What it learns stays the same. */
export function setPace(pace: PaceName): void {
  const { lab, setView } = useApp.getState();
  setView({ pace });
  if (lab.run === 'running' || lab.run === 'pausing') sendToLab({ type: 'pace', pace: paces[pace] });
}

export const pauseRun = (): void => sendToLab({ type: 'pause' });

/** The run goes on with the page's recipe from its next update on. */
export const turnDials = (): void => sendToLab({ type: 'turn', recipe: useApp.getState().recipe });

/** Ends whatever runs and begins again with the page's recipe: a load ends the run before it. */
export async function restartRun(): Promise<void> {
  showLive();
  if (await ensureLoaded(true)) sendPaced({ type: 'start' });
}
