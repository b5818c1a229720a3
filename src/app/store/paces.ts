/** Least milliseconds between two tokens of each rollout, by the name of the speed. A person reads some ten a second. */
export const paces = { full: 0, brisk: 25, reading: 90, slow: 300 } as const;

export type PaceName = keyof typeof paces;
