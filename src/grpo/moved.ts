import type { Decoder } from '../engine/decoder.ts';
import { nextLogprobs, scoreSequences } from '../engine/scoring.ts';
import type { Trace } from '../traces/trace.ts';

export interface MovedOptions {
  readonly temperature: number;
  readonly tokensPerBatch: number;
  /** Most places at which the whole choice is compared. */
  readonly places: number;
  /** Tokens told of each such place. */
  readonly choices: number;
  readonly signal?: AbortSignal;
  readonly breathe?: () => Promise<void>;
}

/** [group][rollout][token] log π of the written tokens; null for inserted ones. */
export type TokenColumns = readonly (readonly (readonly (number | null)[])[])[];

/** A token that could have come at a place, with its probabilities. */
export interface Choice {
  readonly id: number;
  readonly before: number;
  readonly after: number;
}

/** A place where the update moved the policy much: a prefix, and what comes next. */
export interface MovedPlace {
  readonly group: number;
  readonly rollout: number;
  readonly token: number;
  /** The token written there, and others that were or became likely; likeliest of both policies first. */
  readonly choices: readonly Choice[];
}

export interface Moved {
  readonly before: TokenColumns;
  readonly after: TokenColumns;
  /** The largest changes of probability first; a prefix that several rollouts share stands once. */
  readonly places: readonly MovedPlace[];
}

/**
 * Asks two policies the same: every token of the rollouts is scored under both by the same full forward pass, so that
 * what differs is the weights' doing; then, at the written tokens whose probability changed most, the whole choice.
 */
export async function whatMoved(
  before: Decoder,
  after: Decoder,
  groups: readonly (readonly Trace[])[],
  options: MovedOptions,
): Promise<Moved> {
  const then = await columnsOf(before, groups, options);
  const now = await columnsOf(after, groups, options);
  const places: MovedPlace[] = [];
  for (const place of largestChanges(groups, then, now, options.places)) {
    options.signal?.throwIfAborted();
    await options.breathe?.();
    const { trace, token } = place;
    const ids = [...trace.prompt.ids, ...trace.tokens.ids.slice(0, token)];
    const thenAll = await nextLogprobs(before, ids, options.temperature);
    const nowAll = await nextLogprobs(after, ids, options.temperature);
    const { group, rollout } = place;
    const choices = choicesOf(trace.tokens.ids[token] ?? 0, thenAll, nowAll, options.choices);
    places.push({ group, rollout, token, choices });
  }
  return { before: then, after: now, places };
}

async function columnsOf(
  decoder: Decoder,
  groups: readonly (readonly Trace[])[],
  { temperature, tokensPerBatch, signal, breathe }: MovedOptions,
): Promise<TokenColumns> {
  const columns: (readonly (number | null)[])[][] = [];
  for (const group of groups) {
    signal?.throwIfAborted();
    const sequences = group.map(({ prompt, tokens }) => ({
      ids: [...prompt.ids, ...tokens.ids],
      from: prompt.ids.length,
    }));
    const scores = await scoreSequences(decoder, sequences, temperature, tokensPerBatch);
    columns.push(
      group.map(({ tokens }, i) =>
        tokens.generated.map((own, t) => (own ? (scores[i]?.logprob[t] ?? null) : null)),
      ),
    );
    await breathe?.();
  }
  return columns;
}

interface Place {
  readonly group: number;
  readonly rollout: number;
  readonly token: number;
  readonly trace: Trace;
}

function largestChanges(
  groups: readonly (readonly Trace[])[],
  then: TokenColumns,
  now: TokenColumns,
  wanted: number,
): readonly Place[] {
  const all = groups.flatMap((traces, group) =>
    traces.flatMap((trace, rollout) =>
      trace.tokens.ids.flatMap((_, token) => {
        const a = then[group]?.[rollout]?.[token] ?? null;
        const b = now[group]?.[rollout]?.[token] ?? null;
        if (a === null || b === null) return [];
        return [{ group, rollout, token, trace, change: Math.abs(Math.exp(b) - Math.exp(a)) }];
      }),
    ),
  );
  all.sort((a, b) => b.change - a.change);
  const seen = new Set<string>();
  const places: Place[] = [];
  for (const place of all) {
    if (places.length === wanted) break;
    const prefix = [...place.trace.prompt.ids, -1, ...place.trace.tokens.ids.slice(0, place.token)].join();
    if (seen.has(prefix)) continue;
    seen.add(prefix);
    places.push(place);
  }
  return places;
}

function choicesOf(written: number, then: Float64Array, now: Float64Array, wanted: number): Choice[] {
  const all = Array.from(then, (logprob, id) => ({
    id,
    before: Math.exp(logprob),
    after: Math.exp(now[id] ?? NaN),
  }));
  const most = ({ before, after }: Choice): number => Math.max(before, after);
  const chosen = [...all].sort((a, b) => most(b) - most(a) || a.id - b.id).slice(0, wanted);
  const own = all[written];
  if (own !== undefined && !chosen.includes(own)) chosen.splice(-1, 1, own);
  return chosen;
}
