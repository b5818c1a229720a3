import type { RunCheckpoint } from '../../lab/checkpoint.ts';
import { saveFile } from '../components/saveFile.ts';
import type { AppState } from '../store/appState.ts';
import type { StoredRun } from '../store/storedRun.ts';
import { isBusy } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { waitFor } from './asking.ts';
import { ensureLoaded, listenToLab, nextRequestId, sendToLab } from './labClient.ts';

/** Keeps the run of this tab in the browser as it goes, and brings kept ones back. */

/** Updates between two checkpoints while a run goes on. */
const checkpointEvery = 10;

// Storage and its checker are a chunk of their own: the first paint does not wait for them.
const storage = () => import('../store/runStore.ts');

const state = (): AppState => useApp.getState();

const told = (error: unknown): void =>
  state().setRuns({ problem: error instanceof Error ? error.message : String(error) });

/** Reads what is kept, and keeps from here on. Called once. */
export function startKeeping(): void {
  void storage()
    .then(({ listRuns }) => listRuns())
    .then(({ runs, problems }) =>
      state().setRuns({ list: runs, ...(problems[0] === undefined ? {} : { problem: problems[0] }) }),
    )
    .catch(told);
  useApp.subscribe((now, before) => {
    if (now.lab.steps.length === 0 && before.lab.steps.length > 0 && now.runs.current !== undefined) {
      now.setRuns({ current: undefined });
    }
    if (isDue(now, before)) sendToLab({ type: 'checkpoint', id: nextRequestId() });
  });
  listenToLab((event) => {
    if (event.type === 'checkpoint') void keep(event.checkpoint).catch(told);
  });
}

function isDue({ lab }: AppState, { lab: before }: AppState): boolean {
  const last = lab.steps.at(-1)?.step ?? 0;
  if (last === 0) return false;
  // An update that is held has no checkpoint of its own: the last one stands.
  const held = lab.watched?.done === false;
  const rests = (lab.run === 'paused' && !held) || lab.run === 'done';
  if (rests) return before.run !== lab.run && before.run !== 'loading';
  return lab.run === 'running' && lab.steps !== before.steps && last % checkpointEvery === 0;
}

async function keep(checkpoint: RunCheckpoint): Promise<void> {
  const { lab, runs, setRuns, preset } = state();
  if (lab.recipe === undefined || lab.steps.length === 0) return;
  const id = runs.current ?? freshId();
  const old = runs.list.find((run) => run.id === id);
  const now = Date.now();
  const upTo = <T extends { readonly step: number }>(rows: readonly T[]): readonly T[] =>
    rows.filter(({ step }) => step <= checkpoint.updates);
  const run: StoredRun = {
    version: 1,
    id,
    name: old?.name ?? `${preset}, seed ${lab.recipe.seed}`,
    begun: old?.begun ?? now,
    changed: now,
    recipe: lab.recipe,
    backend: lab.info?.backendLabel ?? '',
    steps: upTo(lab.steps),
    evaluations: upTo(lab.evaluations),
    turned: upTo(lab.turned),
    kept: upTo(lab.kept).slice(-1),
  };
  setRuns({ current: id });
  await (await storage()).keepRun(run, checkpoint);
  // What stands in the list is written.
  const { list } = state().runs;
  setRuns({ list: [run, ...list.filter((other) => other.id !== id)], problem: undefined });
}

/** Goes on with a kept run, where it was: loads its recipe, its weights and the optimiser. The run is then paused. */
export async function resumeRun(run: StoredRun): Promise<void> {
  try {
    const checkpoint = await (await storage()).readCheckpoint(run.id);
    state().takeRecipe(run.recipe);
    state().setView({ source: 'live', step: undefined, open: undefined });
    if (!(await ensureLoaded(true))) return;
    sendToLab({ type: 'resume', checkpoint });
    const { steps, evaluations, kept, turned } = run;
    state().tell({ from: 'storage', steps, evaluations, kept, turned });
    state().setRuns({ current: run.id, problem: undefined });
  } catch (error) {
    told(error);
  }
}

/**
 * Ends the run; its curves stay on the screen until the next one. The update under way is finished and kept first, so
 * that the run can be had back; a second call ends it at once.
 */
export async function stopRun(): Promise<void> {
  if (state().lab.run === 'running' && state().lab.steps.length > 0) {
    sendToLab({ type: 'pause' });
    const rests = ({ lab }: AppState): boolean => lab.run === 'paused' || lab.run === 'done';
    if (!(await waitFor(rests, ({ lab }) => lab.run !== 'pausing'))) return;
    await kept();
  }
  const { lab, runs, offerUndo } = state();
  const step = lab.steps.at(-1)?.step ?? 0;
  const run = runs.list.find(({ id }) => id === runs.current);
  sendToLab({ type: 'stop' });
  if (run === undefined) return;
  const to = run.steps.at(-1)?.step ?? 0;
  offerUndo({
    label: `The run was stopped after update ${step}.${to < step ? ` It was last kept after update ${to}.` : ''}`,
    perform: () => void undoStop(run),
  });
}

async function undoStop(run: StoredRun): Promise<void> {
  // The stop may still be on its way to the end of what is computed.
  await waitFor(
    ({ lab }) => lab.run !== 'pausing',
    () => false,
  );
  if (!isBusy(state())) return resumeRun(run);
  state().setRuns({ problem: 'Pause the run of this tab first; then resume the other from this list.' });
}

/** Resolves once the run as it stands is kept, or cannot be. */
async function kept(): Promise<void> {
  const upTo = ({ lab, runs }: AppState): boolean =>
    runs.list.find(({ id }) => id === runs.current)?.steps.at(-1)?.step === lab.steps.at(-1)?.step;
  await waitFor(upTo, ({ lab, runs }) => runs.problem !== undefined || lab.run === 'ready');
}

export async function renameRun(run: StoredRun, name: string): Promise<void> {
  const renamed = { ...run, name: name.trim() === '' ? run.name : name.trim().slice(0, 200) };
  replace(renamed);
  await storage()
    .then(({ keepName }) => keepName(renamed))
    .catch(told);
}

/** Deletes a kept run; it can be had back until something else is undone. */
export async function deleteRun(run: StoredRun): Promise<void> {
  try {
    const { readCheckpoint, dropRun, keepRun } = await storage();
    const checkpoint = await readCheckpoint(run.id).catch(() => undefined);
    await dropRun(run.id);
    const { runs, setRuns, offerUndo } = state();
    setRuns({
      list: runs.list.filter(({ id }) => id !== run.id),
      overlaid: runs.overlaid.filter((id) => id !== run.id),
      ...(runs.current === run.id ? { current: undefined } : {}),
    });
    if (checkpoint === undefined) return;
    offerUndo({
      label: `The run “${run.name}” was deleted.`,
      perform: () => {
        state().setRuns({ list: [run, ...state().runs.list] });
        void keepRun(run, checkpoint).catch(told);
      },
    });
  } catch (error) {
    told(error);
  }
}

export async function exportRun(run: StoredRun): Promise<void> {
  try {
    const [{ readCheckpoint }, { writeRunFile }] = await Promise.all([
      storage(),
      import('../store/storedRun.ts'),
    ]);
    const text = writeRunFile(run, await readCheckpoint(run.id));
    saveFile(`run-${run.name.replace(/[^\w-]+/g, '-')}.json`, text, 'application/json');
  } catch (error) {
    told(error);
  }
}

/** Takes a run from a file; under another id where its own is taken. */
export async function importRun(file: File): Promise<void> {
  try {
    const [{ keepRun }, { readRunFile }] = await Promise.all([storage(), import('../store/storedRun.ts')]);
    const { run, checkpoint } = readRunFile(await file.text(), file.name);
    const taken = state().runs.list.some(({ id }) => id === run.id);
    const mine = taken ? { ...run, id: freshId(), name: `${run.name}, again` } : run;
    await keepRun(mine, checkpoint);
    state().setRuns({ list: [mine, ...state().runs.list], problem: undefined });
  } catch (error) {
    told(error);
  }
}

function replace(run: StoredRun): void {
  const { runs, setRuns } = state();
  setRuns({ list: runs.list.map((other) => (other.id === run.id ? run : other)) });
}

/** 128 random bits in hexadecimal. Not `crypto.randomUUID`, which a page that came over plain http does not have. */
function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
