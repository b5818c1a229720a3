import { useSyncExternalStore } from 'react';

/** The address as `#/path?query`: static hosts serve one file, and the query is never sent to a server. */

function parts(): readonly [path: string, query: string] {
  const hash = location.hash.replace(/^#/, '');
  const at = hash.indexOf('?');
  const path = at < 0 ? hash : hash.slice(0, at);
  return [path === '' ? '/' : path, at < 0 ? '' : hash.slice(at + 1)];
}

export const hashPath = (): string => parts()[0];
export const hashQuery = (): string => parts()[1];

/** The link to a view, the present query kept. */
export function hrefTo(path: string): string {
  const query = hashQuery();
  return `#${path}${query === '' ? '' : `?${query}`}`;
}

/** Goes to a view; the query, which holds the page's state, stays. */
export function goTo(path: string): void {
  if (hashPath() !== path) location.hash = hrefTo(path);
}

/** Rewrites the query in place: no new entry in the tab's history. */
export function replaceQuery(query: string): void {
  const path = hashPath();
  history.replaceState(history.state, '', `#${path}${query === '' ? '' : `?${query}`}`);
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

/** wouter's location hook over the path of the hash. */
export function useHashPath(): [string, (to: string) => void] {
  return [useSyncExternalStore(subscribe, hashPath), goTo];
}
