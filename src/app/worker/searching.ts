import type { LabRequest } from '../../lab/protocol.ts';
import type { Passage } from '../../retrieval/retriever.ts';
import type { NearFound } from '../store/labState.ts';
import { useApp } from '../store/store.ts';
import { ensureCorpus, hasError, waitFor } from './asking.ts';
import { nextRequestId, sendToLab } from './labClient.ts';

/** The index as the Corpus view looks into it. All of it is answered by the worker, over the passages it has open. */

/** The corpus of the page, indexed, and its map asked for. False when it could not be had; a notice says why. */
export async function openMap(): Promise<boolean> {
  if (!(await ensureCorpus())) return false;
  if (useApp.getState().lab.map === undefined) sendToLab({ type: 'map', id: nextRequestId() });
  return true;
}

/** The map of what is indexed by now. */
export const drawMapAgain = (): void => sendToLab({ type: 'map', id: nextRequestId() });

export type NearTo = Extract<LabRequest, { type: 'near' }>['to'];

/** What is nearest to each of these; undefined where it could not be found, and a notice says why. */
export async function askNear(to: NearTo, k: number): Promise<readonly NearFound[] | undefined> {
  const id = nextRequestId();
  sendToLab({ type: 'near', id, to, k });
  await waitFor(
    (now) => now.lab.near[id] !== undefined,
    (now) => hasError(now, id),
  );
  return useApp.getState().lab.near[id];
}

/** Passages of the open corpus by their places; undefined where they cannot be read, and a notice says why. */
export async function askPassages(places: readonly number[]): Promise<readonly Passage[] | undefined> {
  const id = nextRequestId();
  sendToLab({ type: 'passages', id, places });
  await waitFor(
    (now) => now.lab.read[id] !== undefined,
    (now) => hasError(now, id),
  );
  return useApp.getState().lab.read[id];
}

/** The trained policy, or the one in this tab, on a question of the corpus, greedy; returns the rollout's id. */
export function askForSearches(request: Omit<Extract<LabRequest, { type: 'play' }>, 'type' | 'id'>): number {
  const id = nextRequestId();
  sendToLab({ type: 'play', id, ...request });
  return id;
}
