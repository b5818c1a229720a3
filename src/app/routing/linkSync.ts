import type { AppState } from '../store/appState.ts';
import { decodeLink, encodeLink, type LinkState } from '../store/link.ts';
import { shownSource } from '../store/runView.ts';
import { useApp } from '../store/store.ts';
import { hashQuery, replaceQuery } from './hashLocation.ts';

/** A burst of changes (a dial being turned) rewrites the address once. */
const quietMilliseconds = 200;

function currentLink(state: AppState): LinkState {
  const { preset, recipe, backend, corpus, questionText, temperature, dice, step, open, curves } = state;
  const { hidden, phase, shownVariant, table, behaviour } = state;
  const { find, passage, webllm } = state;
  const { filter, order, token, beside } = state;
  return {
    preset,
    recipe,
    backend,
    corpus: corpus === 'own' || corpus === 'kept' ? ('generated' as const) : corpus,
    temperature,
    dice,
    curves,
    behaviour,
    hidden,
    table,
    find,
    rollouts: {
      filter,
      order,
      ...(token === undefined ? {} : { token }),
      ...(beside === undefined ? {} : { beside }),
    },
    ...(questionText === '' ? {} : { question: questionText }),
    ...(step === undefined ? {} : { step }),
    ...(open === undefined ? {} : { open }),
    ...(open !== undefined && state.listed === 'run' && shownSource(state) === 'live'
      ? { ofLiveRun: true as const }
      : {}),
    ...(phase === undefined ? {} : { phase }),
    ...(shownVariant === undefined ? {} : { shownVariant }),
    ...(passage === undefined ? {} : { passage }),
    ...(webllm === undefined ? {} : { webllm }),
  };
}

const currentQuery = (state: AppState): string => encodeLink(currentLink(state));

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
    const { state, problems } = decodeLink(query, currentLink(useApp.getState()));
    written = query;
    useApp.getState().takeLink(state, problems);
  };
  read();
  window.addEventListener('hashchange', read);
  useApp.subscribe(() => {
    // Not put off by what comes meanwhile: a run in training tells of itself without a pause.
    timer ??= setTimeout(() => {
      timer = undefined;
      const query = currentQuery(useApp.getState());
      if (query === hashQuery()) return;
      written = query;
      replaceQuery(query);
    }, quietMilliseconds);
  });
}
