import { behaviourNames } from '../../traces/trace.ts';
import { moveStep, state, view, type Action } from './action.ts';

function moveBehaviour(by: number): void {
  const at = behaviourNames.indexOf(state().behaviour);
  const next = behaviourNames[(at + by + behaviourNames.length) % behaviourNames.length];
  if (next !== undefined) view({ behaviour: next, open: undefined });
}

export const behaviourActions = {
  closeSeen: {
    id: 'closeSeen',
    label: 'Close the rollout',
    where: 'Behaviours',
    key: 'Escape',
    possible: ({ open }) => open !== undefined,
    perform: () => view({ open: undefined }),
  },
  previousBehaviour: {
    id: 'previousBehaviour',
    label: 'Previous behaviour',
    where: 'Behaviours',
    key: 'ArrowLeft',
    perform: () => moveBehaviour(-1),
  },
  nextBehaviour: {
    id: 'nextBehaviour',
    label: 'Next behaviour',
    where: 'Behaviours',
    key: 'ArrowRight',
    perform: () => moveBehaviour(1),
  },
  earlierSeen: {
    id: 'earlierSeen',
    label: 'Earlier update',
    where: 'Behaviours',
    key: '[',
    perform: () => moveStep(-1),
  },
  laterSeen: {
    id: 'laterSeen',
    label: 'Later update',
    where: 'Behaviours',
    key: ']',
    perform: () => moveStep(1),
  },
} as const satisfies Record<string, Action>;
