import type { Trace } from '../trace.ts';

/** Traces in a run of this page or terminal (`runs/*.json`): its groups and its pairs, as unknown values yet. */
export function tracesOfRun(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { groups, pairs } = value as { readonly groups?: unknown; readonly pairs?: unknown };
  if (!Array.isArray(groups)) return undefined;
  const updates = groups as readonly {
    readonly groups?: readonly { readonly traces?: readonly Trace[] }[];
  }[];
  const drawn = updates.flatMap((update) => (update.groups ?? []).flatMap(({ traces }) => traces ?? []));
  const both = Array.isArray(pairs)
    ? (pairs as readonly { readonly base?: Trace; readonly trained?: Trace }[]).flatMap(
        ({ base, trained }) => [base, trained],
      )
    : [];
  const all = [...drawn, ...both].filter((trace) => trace !== undefined);
  return all.length > 0 ? all : undefined;
}
