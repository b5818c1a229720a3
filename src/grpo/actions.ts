import type { LossToken } from './packing.ts';

/**
 * Numbers the actions that tokens are of: an action is what a rollout writes without a break, up to the next result
 * that is left out of the loss.
 */
export function actionsOf(tokens: readonly LossToken[]): Int32Array {
  let action = 0;
  return Int32Array.from(tokens, ({ trace, token }, i) => {
    const before = tokens[i - 1];
    if (before !== undefined && (before.trace !== trace || before.token + 1 !== token)) action++;
    return action;
  });
}
