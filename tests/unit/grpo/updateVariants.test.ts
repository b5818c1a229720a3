import { describe, expect, it } from 'vitest';
import { TrainState } from '../../../src/engine/trainState.ts';
import { grpoUpdate } from '../../../src/grpo/update.ts';
import { variantNames, variantOf } from '../../../src/grpo/variants/variants.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { makeGroups, OPTIONS, smallModels } from './smallUpdate.ts';

const models = smallModels();

/** Keeps the gradient instead of taking a step. */
class WatchingTrainState extends TrainState {
  caught = new Float32Array(0);

  override async update(): Promise<number> {
    this.caught = new Float32Array(await this.parameters.backend.readF32(this.grads));
    this.zeroGrads();
    return 0;
  }
}

describe('an update by each variant', () => {
  // CISPO's ratio is a weight outside the gradient, so its loss has other differences: the golden checks it.
  it.each(variantNames.filter((name) => name !== 'cispo'))(
    '%s has the gradient that finite differences of the loss give',
    async (variant) => {
      const reference = models.make(TrainState).decoder;
      const { decoder, trainState } = models.make(WatchingTrainState);
      const groups = await makeGroups(decoder, (i) => 0.15 * Math.sin(i));
      const options = { ...OPTIONS, variant, klWeight: 0.1, entropyWeight: 0.05, tokensPerBatch: 16 };
      const { backend } = decoder.parameters;
      const weights = await backend.readF32(decoder.parameters.flat);
      const lossAt = async (at: Float32Array): Promise<number> => {
        backend.write(decoder.parameters.flat, at);
        const { stats } = await grpoUpdate({ decoder, trainState, reference }, groups, 1, options);
        return stats.losses[0] ?? NaN;
      };
      await lossAt(weights);
      const gradient = trainState.caught;
      const norm = Math.hypot(...gradient);
      // Along its own direction the loss must rise by the gradient's norm.
      const h = 2e-3;
      const moved = (by: number): Float32Array => weights.map((w, i) => w + (by * (gradient[i] ?? 0)) / norm);
      const slope = ((await lossAt(moved(h))) - (await lossAt(moved(-h)))) / (2 * h);
      expect(slope / norm).toBeGreaterThan(0.99);
      expect(slope / norm).toBeLessThan(1.01);
    },
  );

  it.each(variantNames)('%s does the same in one packed batch and in many', async (variant) => {
    const losses: number[][] = [];
    for (const tokensPerBatch of [4, 1000]) {
      const { decoder, trainState } = models.make(TrainState);
      const options = { ...OPTIONS, ...variantOf(variant).numbers.grpo, variant, tokensPerBatch };
      const groups = await makeGroups(decoder, (i) => 0.2 * Math.sin(i));
      const { stats } = await grpoUpdate({ decoder, trainState }, groups, 1, options);
      losses.push([...stats.losses, stats.gradNorm]);
    }
    losses[0]?.forEach((loss, i) => expect(losses[1]?.[i]).toBeCloseTo(loss, 4));
  });

  it('leaves out of the mean the groups that DAPO could not redraw', async () => {
    const { decoder, trainState } = models.make(WatchingTrainState);
    const [spread = [], other = []] = await makeGroups(decoder);
    const flat = other.map((trace) => ({
      ...trace,
      reward: { value: 0.1, branch: 'wrong answer, good format', em: 0, f1: 0 } as const,
    }));
    const gradientOf = async (variant: 'grpo' | 'dapo', groups: readonly Trace[][]): Promise<number> => {
      await grpoUpdate({ decoder, trainState }, groups, 1, { ...OPTIONS, variant });
      return Math.hypot(...trainState.caught);
    };
    const alone = await gradientOf('dapo', [spread]);
    expect(await gradientOf('dapo', [spread, flat])).toBeCloseTo(alone, 8);
    // GRPO counts the tokens that teach nothing: 7 of 15 are of the group with spread.
    expect((await gradientOf('grpo', [spread, flat])) / alone).toBeCloseTo(7 / 15, 4);
  });

  it('keeps LLDS out of it while the policy is the one that sampled, and in it from then on', async () => {
    const lossesWith = async (lldsWeight: number): Promise<readonly number[]> => {
      const { decoder, trainState } = models.make(TrainState);
      const options = { ...OPTIONS, variant: 'llds' as const, learningRate: 1e-4, epochs: 2, lldsWeight };
      // As if every token had been likelier when it was sampled.
      const groups = await makeGroups(decoder, () => 0.3);
      const { stats } = await grpoUpdate({ decoder, trainState }, groups, 1, options);
      return stats.losses;
    };
    const [without, weak, strong] = [await lossesWith(0), await lossesWith(1), await lossesWith(100)];
    expect(weak[0]).toBe(without[0]);
    expect(strong[0]).toBe(without[0]);
    expect(strong[1]).toBeGreaterThan(without[1] ?? NaN);
  });
});
