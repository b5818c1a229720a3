/** When a changed field of a recipe takes effect in a run that goes on: from its next update, or in a new run only. */
export type TakesEffect = 'next update' | 'new run';

const sections = ['grpo.', 'rollout.', 'reward.', 'backend.'];
/** Of other sections, or of these and still no matter of one update: what searches find is opened with the worlds. */
const exceptions: Readonly<Record<string, TakesEffect>> = {
  'evaluation.every': 'next update',
  'rollout.retriever': 'new run',
  'rollout.prompt': 'new run',
};

/** @param field dotted name, `grpo.learningRate` */
export function takesEffect(field: string): TakesEffect {
  const exception = Object.hasOwn(exceptions, field) ? exceptions[field] : undefined;
  return exception ?? (sections.some((section) => field.startsWith(section)) ? 'next update' : 'new run');
}

type Tree = { readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** Dotted names of the single values that differ between two recipes. */
export function changedFields(before: Tree, after: Tree, prefix = ''): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (isTree(old) && isTree(now)) return changedFields(old, now, `${prefix}${name}.`);
    return old === now ? [] : [`${prefix}${name}`];
  });
}
