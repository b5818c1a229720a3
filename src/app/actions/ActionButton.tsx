import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { useApp } from '../store/store.ts';
import type { Action } from './action.ts';

interface ActionButtonProps {
  readonly action: Action;
  readonly look?: 'primary' | 'plain' | 'quiet';
  /** Shown instead of the action's label, where the place says the rest. */
  readonly text?: ReactNode;
  readonly showKey?: boolean;
}

/** A button of the registry: off when its action is not possible, gone with its part, its key beside the word. */
export function ActionButton({ action, look = 'plain', text, showKey = false }: ActionButtonProps) {
  const possible = useApp((state) => action.possible?.(state) ?? true);
  const hidden = useApp((state) => action.part !== undefined && state.hidden.includes(action.part));
  if (hidden) return null;
  return (
    <Button
      look={look}
      disabled={!possible}
      onClick={action.perform}
      hint={showKey ? action.key : undefined}
      aria-keyshortcuts={action.key}
    >
      {text ?? action.label}
    </Button>
  );
}
