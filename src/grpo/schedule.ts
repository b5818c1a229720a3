/**
 * Learning rate of update `step` (1 for the first): rises in equal parts over `warmupSteps` updates, then stays.
 */
export function learningRateAt(step: number, learningRate: number, warmupSteps: number): number {
  return learningRate * Math.min(1, step / Math.max(1, warmupSteps));
}
