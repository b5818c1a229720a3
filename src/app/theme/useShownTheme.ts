import { useSyncExternalStore } from 'react';
import { useApp } from '../store/store.ts';
import { shownTheme } from './theme.ts';

const queries = ['(prefers-color-scheme: dark)', 'print'] as const;

function subscribe(changed: () => void): () => void {
  const media = queries.map((query) => matchMedia(query));
  for (const one of media) one.addEventListener('change', changed);
  return () => {
    for (const one of media) one.removeEventListener('change', changed);
  };
}

/** Light or dark, as it is on the screen now, or light on paper: for canvases, which read their colours once. */
export function useShownTheme(): 'light' | 'dark' {
  const choice = useApp((state) => state.theme);
  return useSyncExternalStore(subscribe, () => (matchMedia('print').matches ? 'light' : shownTheme(choice)));
}
