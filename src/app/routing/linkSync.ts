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

/** The query as it was last read or written here: another one is a visitor's, and has still to be read. */
let known: string | undefined;

function write(): void {
  const query = currentQuery(useApp.getState());
  if (query !== hashQuery()) replaceQuery(query);
  known = hashQuery();
}

function read(): void {
  if (hashQuery() === known) return;
  known = hashQuery();
  const { state, problems } = decodeLink(known, currentLink(useApp.getState()));
  useApp.getState().takeLink(state, problems);
}

/** The address that shows what is on the screen now. */
export function shareAddress(): string {
  write();
  return location.href;
}

/** Reads the address into the store, then keeps both the same. Called once, before the first render. */
export function startLinkSync(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  read();
  window.addEventListener('hashchange', read);
  useApp.subscribe(() => {
    // Not put off by what comes meanwhile: a run in training tells of itself without a pause.
    timer ??= setTimeout(() => {
      timer = undefined;
      // An address that was just changed is not written over before its event has come.
      if (hashQuery() === known) write();
      else read();
    }, quietMilliseconds);
  });
}
