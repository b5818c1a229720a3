import { rolloutSorts, type RolloutFilter, type RolloutOrder } from './rolloutFilter.ts';

/** What a link says of the list of rollouts and of the one that is open. */
export interface LinkedRollouts {
  readonly filter: RolloutFilter;
  readonly order: RolloutOrder;
  /** Token that is picked in the open rollout. */
  readonly token?: number;
  /** Rollout of the same run that stands beside it, `update.group.rollout`. */
  readonly beside?: string;
}

/** Reads one value of a link; undefined where the text is none. `has` completes “it …” for people. */
export interface Reader<T> {
  readonly read: (text: string) => T | undefined;
  readonly has: string;
}

/** The value under a name: `absent` where there is none, `stands` where it cannot be read. */
export type ReadField = <T>(name: string, absent: T, stands: T, reader: Reader<T>) => T;

export const usualRollouts: LinkedRollouts = { filter: {}, order: { by: 'batch', down: false } };

/** Names in the link, by the field of the filter. */
const names = {
  text: 'words',
  verdict: 'answer',
  branch: 'branch',
  behaviour: 'does',
  hops: 'hops',
  searches: 'searches',
  update: 'update',
  rewardFrom: 'reward-from',
  rewardTo: 'reward-to',
} as const satisfies Record<keyof RolloutFilter, string>;

export const rolloutLinkNames: readonly string[] = [...Object.values(names), 'sort', 'token', 'beside'];

const longest = 200;
const words: Reader<string> = {
  read: (text) => (text !== '' && text.length <= longest ? text : undefined),
  has: `has to be of 1 to ${longest} letters`,
};
const count: Reader<number> = {
  read: (text) => (/^\d{1,7}$/.test(text) ? Number(text) : undefined),
  has: 'has to be a whole number',
};
const number: Reader<number> = {
  read: (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined),
  has: 'has to be a number',
};
const order: Reader<RolloutOrder> = {
  read: (text) => {
    const down = text.startsWith('-');
    const by = rolloutSorts.find((name) => name === (down ? text.slice(1) : text));
    return by === undefined ? undefined : { by, down };
  },
  has: `can be ${rolloutSorts.join(', ')}, with - before it for the greatest first`,
};
const key: Reader<string> = {
  read: (text) => (/^\d{1,7}\.\d{1,5}\.\d{1,5}$/.test(text) ? text : undefined),
  has: 'has to be like 60.3.5 (update, group, rollout)',
};

const readers = {
  text: words,
  verdict: words,
  branch: words,
  behaviour: words,
  hops: count,
  searches: count,
  update: count,
  rewardFrom: number,
  rewardTo: number,
} as const;

/** Only what differs from the usual. */
export function encodeRollouts(query: URLSearchParams, state: LinkedRollouts): void {
  for (const [field, name] of Object.entries(names) as [keyof RolloutFilter, string][]) {
    const value = state.filter[field];
    if (value !== undefined && value !== '') query.set(name, String(value).slice(0, longest));
  }
  const { by, down } = state.order;
  if (by !== 'batch' || down) query.set('sort', `${down ? '-' : ''}${by}`);
  if (state.token !== undefined) query.set('token', String(state.token));
  if (state.beside !== undefined && key.read(state.beside) !== undefined) query.set('beside', state.beside);
}

export function decodeRollouts(read: ReadField, standing: LinkedRollouts): LinkedRollouts {
  const filter: Record<string, string | number> = {};
  for (const [field, name] of Object.entries(names) as [keyof RolloutFilter, string][]) {
    const reader: Reader<string | number> = readers[field];
    const value = read(name, undefined, standing.filter[field], reader);
    if (value !== undefined) filter[field] = value;
  }
  const token = read('token', undefined, standing.token, count);
  const beside = read('beside', undefined, standing.beside, key);
  return {
    filter,
    order: read('sort', usualRollouts.order, standing.order, order),
    ...(token === undefined ? {} : { token }),
    ...(beside === undefined ? {} : { beside }),
  };
}
