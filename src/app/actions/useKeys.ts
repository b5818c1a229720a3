import { useEffect } from 'react';
import { useApp } from '../store/store.ts';
import { actionList, isPossible } from './registry.ts';

/** Keys that type or move inside these belong to them. */
const typing = 'input, textarea, select, [contenteditable], [role="slider"], [role="dialog"]';
/** Keys that press these press them, and nothing else. */
const pressed = 'button, a, summary, [data-token]';
const moving = `${typing}, [role="radio"], [data-token]`;

/** A letter with Ctrl or ⌘. In a field of text only the palette's: undo is the field's own there. */
function pressChord(event: KeyboardEvent): void {
  if (event.shiftKey || event.repeat) return;
  const inText = event.target instanceof Element && event.target.closest(typing) !== null;
  const action = actionList.find(({ chord, key }) => chord === event.key && (!inText || key === undefined));
  if (action === undefined || !isPossible(action)) return;
  event.preventDefault();
  action.perform();
}

/** One listener for all keys of the registry. Single letters can be switched off (WCAG 2.1.4). */
export function useKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey) return;
      if (event.ctrlKey || event.metaKey) {
        pressChord(event);
        return;
      }
      const letter = event.key.length === 1;
      if (letter && !useApp.getState().singleKeys) return;
      const own = letter ? typing : moving;
      if (event.key !== 'Escape' && event.target instanceof Element && event.target.closest(own) !== null)
        return;
      if (event.key === 'Enter' && event.target instanceof Element && event.target.closest(pressed) !== null)
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
