import type { TokenColour } from '../../store/appState.ts';
import type { Trace } from '../../../traces/trace.ts';

/** Chance the policy gave the token when it drew it; undefined where it is not known or was inserted. */
export function tokenProbability(trace: Trace, index: number): number | undefined {
  const logprob = trace.tokens.logprobs?.[index];
  if (logprob === undefined || logprob === null || trace.tokens.generated[index] !== true) return undefined;
  return Math.min(1, Math.exp(logprob));
}

/**
 * Background of a token. Surprise has three steps of one hue (under 50, 20 and 5 %). Push is signed: how strongly
 * the update moves it, advantage × (1 − p), which is the size of the gradient at the token's own logit.
 */
export function tokenBackground(trace: Trace, index: number, colour: TokenColour): string | undefined {
  const p = tokenProbability(trace, index);
  if (p === undefined || colour === 'none') return undefined;
  if (colour === 'surprise') {
    if (p >= 0.5) return undefined;
    return p < 0.05 ? 'var(--heat-3)' : p < 0.2 ? 'var(--heat-2)' : 'var(--heat-1)';
  }
  if (trace.advantage === undefined) return undefined;
  const push = trace.advantage * (1 - p);
  const size = Math.abs(push);
  if (size < 0.1) return undefined;
  return `var(--${push > 0 ? 'pos' : 'neg'}-${size > 0.5 ? 2 : 1})`;
}

/** Tags are their own tokens; they stand back behind what is said. */
export const isTag = (text: string): boolean =>
  /^\s*<(\/?(think|search|result|answer)|\|[^|]*\|)>\s*$/.test(text);
