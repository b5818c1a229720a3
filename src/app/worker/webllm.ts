import type { ModelRecord } from '@mlc-ai/web-llm';
import type { FolderFile } from '../../policy/webllmFolder.ts';
import { useApp } from '../store/store.ts';
import { setsOf, type TableChoice } from '../store/tableChoice.ts';
import { ensureLoaded, nextRequestId, sendToLab } from './labClient.ts';

/** What the page asks of a model that web-llm runs. One is held at a time. */

/** Loads it in place of the one before; what becomes of it is told as `lab.webllm`. */
export function loadWebllm(record: ModelRecord, files?: readonly FolderFile[]): void {
  sendToLab({ type: 'webllm-load', record, ...(files === undefined ? {} : { files }) });
}

/** Stops a load, or gives back what the model holds. */
export const unloadWebllm = (): void => sendToLab({ type: 'webllm-unload' });

/** Breaks off one of its answers; what it has written stays. */
export const stopWebllm = (id: number): void => sendToLab({ type: 'cancel', id });

/** Asks it `n` questions of each set that the table is of, loading the engine (for its retriever) first. */
export async function evaluateWebllm(table: TableChoice, n: number): Promise<void> {
  const { webllm } = useApp.getState().lab;
  if (webllm.status !== 'ready' || !(await ensureLoaded())) return;
  sendToLab({
    type: 'webllm-evaluate',
    id: nextRequestId(),
    plan: { sets: setsOf(table), n, worldSeed: table.seed, model: webllm.model },
  });
}
