import type { SamplingOptions } from '../../../src/engine/backend.ts';
import { counterUniform } from '../../../src/engine/random.ts';
import { at, type Ints } from './arrays.ts';
import { logSumExp } from './attention.ts';

export interface Draw {
  readonly id: number;
  /** log p[id] and entropy of the whole row, before top-k and top-p. */
  readonly logprob: number;
  readonly entropy: number;
  /** Distance of the uniform number to the nearest step of the CDF: a float32 sum may fall on its other side. */
  readonly margin: number;
  /** Probability of each token once the others are dropped; 0 for a dropped one. */
  readonly kept: Float64Array;
}

/**
 * p = softmax(logits / temperature) (temperature 1 when greedy).
 * Kept: the k most likely tokens, and of those the smallest set of most likely ones whose mass reaches topP.
 * Draw: u = counterUniform(key); the first kept id, in vocabulary order, whose cumulative kept probability
 * exceeds u. Greedy (temperature 0): the most likely token, the lowest id of equals.
 */
export function sampleRow(logits: Float64Array, key: Ints, options: SamplingOptions): Draw {
  const greedy = options.temperature === 0;
  const scaled = logits.map((z) => (greedy ? z : z / options.temperature));
  const total = logSumExp(scaled);
  const logP = scaled.map((z) => z - total);
  const entropy = -logP.reduce((sum, l) => sum + (l === -Infinity ? 0 : Math.exp(l) * l), 0);
  const kept = greedy ? oneHot(scaled) : keepLikely(logP.map(Math.exp), options);

  const u = greedy ? 0 : counterUniform(at(key, 0), at(key, 1), at(key, 2));
  let id = -1;
  let margin = Infinity;
  let cumulative = 0;
  let lastKept = 0;
  for (let v = 0; v < kept.length; v++) {
    if (at(kept, v) === 0) continue;
    cumulative += at(kept, v);
    lastKept = v;
    margin = Math.min(margin, Math.abs(cumulative - u));
    if (id < 0 && cumulative > u) id = v;
  }
  if (id < 0) id = lastKept;
  return { id, logprob: at(logP, id), entropy, margin: greedy ? Infinity : margin, kept };
}

function oneHot(values: Float64Array): Float64Array {
  let best = 0;
  for (let v = 1; v < values.length; v++) if (at(values, v) > at(values, best)) best = v;
  return new Float64Array(values.length).map((_, v) => (v === best ? 1 : 0));
}

function keepLikely(p: Float64Array, options: SamplingOptions): Float64Array {
  const order = Array.from(p.keys()).sort((a, b) => at(p, b) - at(p, a) || a - b);
  const byCount = options.topK > 0 ? order.slice(0, options.topK) : order;
  const kept = new Float64Array(p.length);
  let mass = 0;
  for (const v of byCount) {
    // topP 1 keeps all, whatever a rounded sum of the masses says.
    if (options.topP < 1 && mass >= options.topP) break;
    kept[v] = at(p, v);
    mass += at(p, v);
  }
  return kept.map((value) => value / mass);
}
