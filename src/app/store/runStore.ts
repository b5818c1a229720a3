import { createStore, del, entries, get, setMany, set } from 'idb-keyval';
import { parseCheckpoint, type RunCheckpoint } from '../../lab/checkpoint.ts';
import { parseStoredRun, type StoredRun } from './storedRun.ts';

/** Runs in the browser's own storage: a run and its checkpoint each under its id. */

const runKey = (id: string): string => `run ${id}`;
const checkpointKey = (id: string): string => `checkpoint ${id}`;

let opened: ReturnType<typeof createStore> | undefined;
const store = (): ReturnType<typeof createStore> => (opened ??= createStore('research-playground', 'runs'));

/** All kept runs, the newest first; those that cannot be read are told, not dropped. */
export async function listRuns(): Promise<{
  readonly runs: readonly StoredRun[];
  readonly problems: readonly string[];
}> {
  const runs: StoredRun[] = [];
  const problems: string[] = [];
  for (const [key, value] of await entries<string, unknown>(store())) {
    if (!key.startsWith(runKey(''))) continue;
    try {
      runs.push(parseStoredRun(value, `The kept run ${key.slice(runKey('').length)}`));
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { runs: runs.sort((a, b) => b.changed - a.changed), problems };
}

/** Keeps both or neither. @throws Error in plain words where there is no room */
export async function keepRun(run: StoredRun, checkpoint: RunCheckpoint): Promise<void> {
  await written(
    setMany(
      [
        [runKey(run.id), run],
        [checkpointKey(run.id), checkpoint],
      ],
      store(),
    ),
  );
}

/** The run alone, its checkpoint as it is. @throws Error in plain words where there is no room */
export async function keepName(run: StoredRun): Promise<void> {
  await written(set(runKey(run.id), run, store()));
}

/** @throws Error where it is not there or does not fit */
export async function readCheckpoint(id: string): Promise<RunCheckpoint> {
  return parseCheckpoint(await get<unknown>(checkpointKey(id), store()), 'The kept run');
}

export async function dropRun(id: string): Promise<void> {
  await del(runKey(id), store());
  await del(checkpointKey(id), store());
}

async function written(writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    const full = error instanceof DOMException && error.name === 'QuotaExceededError';
    throw new Error(
      full
        ? 'This browser’s storage for the page is full: the run was not kept. Delete runs below, or export this one to a file.'
        : `The run could not be kept: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
