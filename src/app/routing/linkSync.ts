import type { AppState } from '../store/appState.ts';
import { decodeLink, encodeLink } from '../store/link.ts';
import { useApp } from '../store/store.ts';
import { hashQuery, replaceQuery } from './hashLocation.ts';

/** A burst of changes (a dial being turned) rewrites the address once. */
const quietMilliseconds = 200;

function currentQuery(state: AppState): string {
  const { preset, recipe, backend, corpus, questionText, temperature, dice, step, open, curves } = state;
  const link = {
    preset,
    recipe,
    backend,
    corpus: corpus === 'own' ? ('generated' as const) : corpus,
    temperature,
    dice,
    curves,
    ...(questionText === '' ? {} : { question: questionText }),
    ...(step === undefined ? {} : { step }),
    ...(open === undefined ? {} : { open }),
  };
  return encodeLink(link);
}

/** The address that shows what is on the screen now. */
export function shareAddress(): string {
  replaceQuery(currentQuery(useApp.getState()));
  return location.href;
}

/** Reads the address into the store, then keeps both the same. Called once, before the first render. */
export function startLinkSync(): void {
  let written: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = (): void => {
    const query = hashQuery();
    if (query === written) return;
    const { state, problems } = decodeLink(query);
    written = query;
    useApp.getState().takeLink(state, problems);
  };
  read();
  window.addEventListener('hashchange', read);
  useApp.subscribe((state) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const query = currentQuery(state);
      if (query === hashQuery()) return;
      written = query;
      replaceQuery(query);
    }, quietMilliseconds);
  });
}
