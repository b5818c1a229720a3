/** How a hub is asked: with the visitor's token, where there is one, and in words where it refuses. */
import { messageOf } from './words.ts';

/** The network as the store uses it: `fetch`, or a test's. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Access tokens by the origin of the hub that they are for. */
export type HubTokens = Readonly<Record<string, string>>;

/** A hub, and what it is asked with. */
export interface HubAccess {
  /** Without a slash at its end. */
  readonly address: string;
  readonly fetch: Fetch;
  /** For this hub alone. */
  readonly token?: string | undefined;
}

/** @throws Error where the token for this hub cannot be one */
export function hubAccess(fetcher: Fetch, address: string, tokens: HubTokens): HubAccess {
  const token = tokens[new URL(address).origin];
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new Error('The access token holds characters that no token has. Copy it again, whole and alone.');
  }
  return { address, fetch: fetcher, token };
}

/**
 * Fetches, and says in words that nothing answered. The token goes to the hub's own origin alone: an address elsewhere is
 * asked without, and where the hub sends a reader on to another origin, the browser takes the header away.
 */
export async function reach(hub: HubAccess, url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  if (hub.token !== undefined && new URL(url).origin === new URL(hub.address).origin) {
    headers.set('Authorization', `Bearer ${hub.token}`);
  }
  try {
    // The browser's own cache would hold a second copy of what the store keeps.
    return await hub.fetch(url, { ...init, headers, cache: 'no-store' });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new Error(
      `${new URL(url).host} does not answer (${messageOf(error)}). Check the connection and the hub’s address; what has come is kept.`,
      { cause: error },
    );
  }
}

/** Why the hub gives nothing. It says 401 of what is not there as of what is private, and of a token it does not know. */
export function refusal(response: Response, hub: HubAccess, id: string, revision?: string): Error {
  const { status } = response;
  const code = response.headers.get('x-error-code');
  const said = response.headers.get('x-error-message') ?? '';
  const known = hub.token !== undefined;
  const tokens = `${hub.address}/settings/tokens`;
  if (known && (said.includes('Invalid credentials') || (status === 401 && code === null))) {
    return new Error(
      `The hub does not know this access token (HTTP ${status}): it is not whole, or was taken back. Copy it again from ${tokens}, or leave it out.`,
    );
  }
  if (code === 'GatedRepo' || status === 403) {
    const terms = `${id} is gated: it is given to those who have accepted its licence (HTTP ${status}).`;
    return new Error(
      known
        ? `${terms} The account of this access token has not, or waits to be let in: accept it at ${hub.address}/${id}. A fine-grained token also needs the right to read gated repositories (${tokens}).`
        : `${terms} Accept it at ${hub.address}/${id}, and give an access token of your account (${tokens}); or download the model there, and open its folder here.`,
    );
  }
  if (code === 'RevisionNotFound') {
    return new Error(
      `${id} has no revision ${revision ?? 'main'}. Leave it out, or give a branch, tag or commit.`,
    );
  }
  if (status === 401 || status === 404) {
    return new Error(
      known
        ? `The hub has no ${id} that this access token may read (HTTP ${status}). Check its owner and name, and what the token is for (${tokens}).`
        : `The hub has no ${id} that is open to all (HTTP ${status}). Check its owner and name; for a private one, give an access token.`,
    );
  }
  if (status === 429) {
    return new Error(
      'The hub answers no more for now: it was asked too often (HTTP 429). Wait some minutes.',
    );
  }
  return new Error(`The hub cannot give ${id} now (HTTP ${status}). Try again later; what has come is kept.`);
}
