import type { Action } from './action.ts';

const names: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};

const onApple = /Mac|iP(hone|ad)/.test(navigator.userAgent);

/** An action's key as it stands on the keyboard: "u", "←", "Ctrl K". Its single key before its chord. */
export function keyName(action: Action): string | undefined {
  if (action.key !== undefined) return names[action.key] ?? action.key;
  return action.chord === undefined ? undefined : chordName(action.chord);
}

/** "Ctrl K", or "⌘K" on an Apple. */
export const chordName = (letter: string): string =>
  onApple ? `⌘${letter.toUpperCase()}` : `Ctrl ${letter.toUpperCase()}`;
