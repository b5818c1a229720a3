/** Frequencies of rotary positions, plain or stretched for longer texts as in Llama 3. */

/** The `llama3` rule of a config.json (transformers, modeling_rope_utils). Positions count tokens. */
export interface RopeScaling {
  /** How much slower the slow pairs turn. */
  readonly factor: number;
  readonly lowFreqFactor: number;
  readonly highFreqFactor: number;
  /** Tokens of the texts that the model was first trained on. */
  readonly originalPositions: number;
}

/**
 * Radians a position of each pair i < C/2: theta^(−2i/C). With scaling, pairs that turn around at least
 * `highFreqFactor` times within the original length stay, those with fewer than `lowFreqFactor` turns slow down by
 * `factor`, and between the two the rule moves evenly from one to the other.
 */
export function ropeFrequencies(C: number, theta: number, scaling?: RopeScaling): Float64Array {
  return Float64Array.from({ length: C / 2 }, (_, i) => {
    const frequency = theta ** ((-2 * i) / C);
    if (scaling === undefined) return frequency;
    const { factor, lowFreqFactor: low, highFreqFactor: high, originalPositions } = scaling;
    const turns = (originalPositions * frequency) / (2 * Math.PI);
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return (kept + (1 - kept) / factor) * frequency;
  });
}

/** Tells tables of different frequencies apart. */
export function ropeKey(C: number, theta: number, scaling?: RopeScaling): string {
  const { factor, lowFreqFactor, highFreqFactor, originalPositions } = scaling ?? {};
  return [C, theta, factor, lowFreqFactor, highFreqFactor, originalPositions].join('/');
}
