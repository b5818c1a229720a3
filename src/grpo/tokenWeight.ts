/**
 * What the loss of a minibatch is a mean over.
 * `tokens`: its tokens. `rollouts`: its rollouts, each a mean over its own tokens. `length`: rollouts × the most tokens
 * that a response may have.
 */
export type TokenWeighing = 'tokens' | 'rollouts' | 'length';

/** Sizes of a minibatch. Rollouts that the variant leaves out are in none of them. */
export interface MinibatchSize {
  /** Tokens of the loss. */
  readonly tokens: number;
  readonly rollouts: number;
  /** Most tokens of a response (`rollout.maxTokens`). */
  readonly maxTokens: number;
}

/** How much each token of a rollout of `ownTokens` tokens counts in the loss. */
export function tokenWeight(weighing: TokenWeighing, ownTokens: number, size: MinibatchSize): number {
  switch (weighing) {
    case 'tokens':
      return 1 / size.tokens;
    case 'rollouts':
      return 1 / (size.rollouts * ownTokens);
    case 'length':
      return 1 / (size.rollouts * size.maxTokens);
  }
}
