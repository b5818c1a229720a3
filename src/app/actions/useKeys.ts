import { useEffect } from 'react';
import { useApp } from '../store/store.ts';
import { actionList, isPossible } from './registry.ts';

/** Keys that type or move inside these belong to them. */
const typing = 'input, textarea, select, [contenteditable], [role="slider"], [role="dialog"]';
const moving = `${typing}, [role="radio"], [data-token]`;

/** One listener for all keys of the registry. Single letters can be switched off (WCAG 2.1.4). */
export function useKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const letter = event.key.length === 1;
      if (letter && !useApp.getState().singleKeys) return;
      const own = letter ? typing : moving;
      if (event.key !== 'Escape' && event.target instanceof Element && event.target.closest(own) !== null)
        return;
      const action = actionList.find((candidate) => candidate.key === event.key && isPossible(candidate));
      if (action === undefined) return;
      event.preventDefault();
      action.perform();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
