import { baselineNames, type BaselineName, type MethodName } from '../../research/methodNames.ts';

export interface Margin {
  /** The baseline with the highest mean. */
  readonly best: BaselineName;
  /** Mean over sets of ReSearch, less the best baseline's; in the unit of what it was computed from. */
  readonly points: number;
}

/**
 * By how much ReSearch is above the best prompt baseline, both averaged over the sets, as the paper computes its 15.81
 * (7B). Undefined where a value is missing.
 */
export function marginOf<S>(
  sets: readonly S[],
  valueOf: (method: MethodName, set: S) => number | undefined,
): Margin | undefined {
  const meanOf = (method: MethodName): number | undefined => {
    const values = sets.flatMap((set) => valueOf(method, set) ?? []);
    return values.length < sets.length || values.length === 0
      ? undefined
      : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const research = meanOf('research');
  const baselines = baselineNames.map((name) => ({ name, mean: meanOf(name) }));
  let best: { name: BaselineName; mean: number } | undefined;
  for (const { name, mean } of baselines) {
    if (mean === undefined) return undefined;
    if (best === undefined || mean > best.mean) best = { name, mean };
  }
  return research === undefined || best === undefined
    ? undefined
    : { best: best.name, points: research - best.mean };
}
