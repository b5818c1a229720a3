import { isEvaluating, setTable, startEvaluation, stopEvaluation } from '../worker/evaluating.ts';
import { state, type Action } from './action.ts';

export const evaluateActions = {
  evaluate: {
    id: 'evaluate',
    label: 'Run the table here',
    where: 'Evaluate',
    key: 'e',
    possible: (now) => !isEvaluating(now) && now.lab.run !== 'loading',
    perform: () => void startEvaluation(),
  },
  stopEvaluation: {
    id: 'stopEvaluation',
    label: 'Stop the table',
    where: 'Evaluate',
    key: 'x',
    possible: isEvaluating,
    perform: stopEvaluation,
  },
  closeCell: {
    id: 'closeCell',
    label: 'Close the cell',
    where: 'Evaluate',
    key: 'Escape',
    possible: ({ table }) => table.cell !== undefined,
    perform: () => setTable(state().table.item === undefined ? { cell: undefined } : { item: undefined }),
  },
} as const satisfies Record<string, Action>;
