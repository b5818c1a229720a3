import { methodNames } from '../../research/methodNames.ts';
import type { AppState } from '../store/appState.ts';
import { useApp } from '../store/store.ts';
import { setsOf, type TableChoice } from '../store/tableChoice.ts';
import { otherPolicy } from './asking.ts';
import { ensureLoaded, nextRequestId, sendToLab } from './labClient.ts';

const state = (): AppState => useApp.getState();

export const isEvaluating = ({ lab }: Pick<AppState, 'lab'>): boolean => lab.evaluation?.status === 'running';

export function setTable(change: { readonly [K in keyof TableChoice]?: TableChoice[K] | undefined }): void {
  state().setView({ table: { ...state().table, ...change } as TableChoice });
}

/** Runs the table as it is set, in place of the one before. */
export async function startEvaluation(): Promise<void> {
  if (isEvaluating(state()) || !(await ensureLoaded())) return;
  const { table, lab } = state();
  const policy = otherPolicy(state()) === 'current' ? 'current' : 'trained';
  const hasTrained = policy === 'current' || lab.info?.hasTrained === true;
  setTable({ cell: undefined, item: undefined });
  sendToLab({
    type: 'evaluate',
    id: nextRequestId(),
    plan: {
      methods: hasTrained ? methodNames : methodNames.filter((method) => method !== 'research'),
      sets: setsOf(table),
      n: table.n,
      worldSeed: table.seed,
      policy,
    },
  });
}

/** Breaks it off; finished cells stay. */
export function stopEvaluation(): void {
  const { evaluation } = state().lab;
  if (evaluation?.status === 'running') sendToLab({ type: 'cancel', id: evaluation.id });
}
