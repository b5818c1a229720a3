const KEPT = 'kept:';

/** Whether a recipe's model is one that the visitor has opened: `kept:` and its name in the store. */
export const isKept = (model: string): boolean => model.startsWith(KEPT);

/** The name in the store. */
export const keptName = (model: string): string => model.slice(KEPT.length);
