import { view, type Action } from './action.ts';

export const corpusActions = {
  find: {
    id: 'find',
    label: 'Search in the passages',
    where: 'Corpus',
    key: '/',
    perform: () => {
      view({ onMap: 'find' });
      // Where a question's path was shown, the box is drawn first.
      requestAnimationFrame(() => document.getElementById('find')?.focus());
    },
  },
} as const satisfies Record<string, Action>;
