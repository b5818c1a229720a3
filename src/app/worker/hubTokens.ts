import { z } from 'zod';
import type { HubTokens } from '../../lab/modelStore/protocol.ts';

/**
 * Access tokens of hubs, by origin: in this tab's memory, and in its session storage where the visitor wants them to
 * outlast a reload. They are in no address, and the store's worker is told them with what it shall fetch.
 */
const KEY = 'hub-tokens';

const schema = z.record(z.string(), z.string());

let tokens: HubTokens = stored() ?? {};
let remembered = Object.keys(tokens).length > 0;

function stored(): HubTokens | undefined {
  try {
    return schema.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? '')).data;
  } catch {
    // Nothing is there, or the browser forbids it: they are in memory alone.
    return undefined;
  }
}

function store(): void {
  try {
    if (remembered) sessionStorage.setItem(KEY, JSON.stringify(tokens));
    else sessionStorage.removeItem(KEY);
  } catch {
    remembered = false;
  }
}

export const hubTokens = (): HubTokens => tokens;

/** Of no text, forgets the token. */
export function setHubToken(origin: string, token: string): void {
  const { [origin]: _, ...others } = tokens;
  tokens = token === '' ? others : { ...others, [origin]: token };
  store();
}

export const tokensRemembered = (): boolean => remembered;

/** @returns whether they are, by now: a browser may forbid it */
export function rememberTokens(wanted: boolean): boolean {
  remembered = wanted;
  store();
  return remembered;
}
