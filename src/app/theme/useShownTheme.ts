import { useSyncExternalStore } from 'react';
import { useApp } from '../store/store.ts';
import { shownTheme } from './theme.ts';

const query = '(prefers-color-scheme: dark)';

function subscribe(changed: () => void): () => void {
  const media = matchMedia(query);
  media.addEventListener('change', changed);
  return () => media.removeEventListener('change', changed);
}

/** Light or dark, as it is on the screen now: for canvases, which read their colours once. */
export function useShownTheme(): 'light' | 'dark' {
  const choice = useApp((state) => state.theme);
  return useSyncExternalStore(subscribe, () => shownTheme(choice));
}
