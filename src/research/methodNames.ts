/** The prompt baselines of the paper's Table 2. */
export const baselineNames = ['naive-generation', 'naive-rag', 'iter-retgen', 'ircot'] as const;
export type BaselineName = (typeof baselineNames)[number];

export const isBaselineName = (name: string): name is BaselineName =>
  (baselineNames as readonly string[]).includes(name);

/** The rows of that table, and before its own method the same format without the training. */
export const methodNames = [...baselineNames, 'research-untrained', 'research'] as const;
export type MethodName = (typeof methodNames)[number];

export const isMethodName = (name: string): name is MethodName =>
  (methodNames as readonly string[]).includes(name);
