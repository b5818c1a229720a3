import type { Decoder } from '../engine/decoder.ts';
import type { TrainState } from '../engine/trainState.ts';

/** A policy with weights of its own, equal to `decoder`'s as they are now, on the same backend. Dispose after use. */
export function copyOf(decoder: Decoder): Decoder {
  return decoder.copy();
}

/**
 * Runs `work`; when it rejects, weights and optimiser are put back as they were before it. Costs a copy of the weights
 * on the device and of the optimiser's moments on the host.
 */
export async function allOrNothing<T>(
  policy: Decoder,
  trainState: TrainState,
  work: () => Promise<T>,
): Promise<T> {
  const optimiser = await trainState.save();
  const weights = copyOf(policy).parameters;
  try {
    return await work();
  } catch (error) {
    policy.parameters.copyFrom(weights);
    trainState.restore(optimiser);
    throw error;
  } finally {
    weights.dispose();
  }
}
