import { describe, expect, it } from 'vitest';
import { TrainState } from '../../../src/engine/trainState.ts';
import { grpoUpdate, type GrpoOptions } from '../../../src/grpo/update.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { makeTrace } from './makeTrace.ts';
import { makeGroups, OPTIONS, responseLogprobs, SHAPES, smallModels, type Model } from './smallUpdate.ts';

const models = smallModels();
const makeModel = (): Model => models.make(TrainState);

/** Mean log π of the written tokens of a shape. */
function meanOf(logprobs: readonly number[][], shape: number): number {
  const written = (logprobs[shape] ?? []).filter(
    (_, i) => !(SHAPES[shape]?.inserted as readonly number[]).includes(i),
  );
  return written.reduce((sum, logprob) => sum + logprob, 0) / written.length;
}

describe('grpoUpdate on a small decoder', () => {
  it('makes rewarded rollouts likelier and others less likely', async () => {
    const { decoder, trainState } = makeModel();
    const before = await responseLogprobs(decoder);
    const { groups, stats } = await grpoUpdate(
      { decoder, trainState },
      await makeGroups(decoder),
      1,
      OPTIONS,
    );
    const after = await responseLogprobs(decoder);
    expect(meanOf(after, 0)).toBeGreaterThan(meanOf(before, 0));
    expect(meanOf(after, 1)).toBeLessThan(meanOf(before, 1));
    expect(meanOf(after, 2)).toBeLessThan(meanOf(before, 2));
    expect(meanOf(after, 3)).toBeGreaterThan(meanOf(before, 3));
    expect(trainState.step).toBe(1);
    expect(stats.gradNorm).toBeGreaterThan(0);
    expect(stats.samplingGap).toBeLessThan(1e-4);
    expect(groups.map((group) => group.map((trace) => Math.sign(trace.advantage ?? 0)))).toEqual([
      [1, -1],
      [-1, 1],
    ]);
  });

  it('lowers the loss when the same rollouts are judged again', async () => {
    const { decoder, trainState } = makeModel();
    const groups = await makeGroups(decoder);
    const { stats } = await grpoUpdate({ decoder, trainState }, groups, 1, {
      ...OPTIONS,
      epochs: 3,
      learningRate: 1e-3,
    });
    expect(trainState.step).toBe(3);
    const [first = NaN, second = NaN, third = NaN] = stats.losses;
    expect(second).toBeLessThan(first);
    expect(third).toBeLessThan(second);
  });

  it('notes at each token what it found', async () => {
    const { decoder, trainState } = makeModel();
    const groups = await makeGroups(decoder, (i) => 0.4 * Math.sin(i));
    const logprobs = await responseLogprobs(decoder);
    const { groups: noted, stats } = await grpoUpdate({ decoder, trainState }, groups, 1, OPTIONS);
    const { tokens, advantage = 0 } = noted[0]?.[0] ?? makeTrace(SHAPES[0]);
    expect(advantage).toBeGreaterThan(0);
    tokens.generated.forEach((generated, i) => {
      if (!generated) {
        expect(tokens.ratios?.[i]).toBeNull();
        return;
      }
      const old = tokens.logprobs?.[i] ?? NaN;
      const ratio = Math.exp((logprobs[0]?.[i] ?? NaN) - old);
      expect(tokens.currentLogprobs?.[i]).toBeCloseTo(logprobs[0]?.[i] ?? NaN, 4);
      expect(tokens.ratios?.[i]).toBeCloseTo(ratio, 3);
      expect(tokens.clipped?.[i]).toBe(ratio > 1.28);
    });
    expect(tokens).not.toHaveProperty('kls');
    expect(stats.samplingGap).toBeGreaterThan(0.3);
    expect(stats.clipFraction).toBeGreaterThan(0);
  });

  it('does the same in one packed batch and in many, and in one optimiser step a minibatch', async () => {
    const norms: number[] = [];
    for (const tokensPerBatch of [4, 24, 1000]) {
      const { decoder, trainState } = makeModel();
      const progress: number[] = [];
      const context = { decoder, trainState, onProgress: (done: number) => progress.push(done) };
      const { stats } = await grpoUpdate(context, await makeGroups(decoder), 1, {
        ...OPTIONS,
        tokensPerBatch,
      });
      norms.push(stats.gradNorm);
      expect(progress.at(-1)).toBe(tokensPerBatch === 1000 ? 1 : progress.length);
      expect(trainState.step).toBe(1);
    }
    expect(norms[1]).toBeCloseTo(norms[0] ?? NaN, 4);
    expect(norms[2]).toBeCloseTo(norms[0] ?? NaN, 4);
    const { decoder, trainState } = makeModel();
    await grpoUpdate({ decoder, trainState }, await makeGroups(decoder), 1, {
      ...OPTIONS,
      minibatches: 4,
      epochs: 2,
    });
    expect(trainState.step).toBe(8);
  });

  it('teaches nothing from groups of equal rewards, and does not run them', async () => {
    const { decoder, trainState } = makeModel();
    const groups = (await makeGroups(decoder)).map((group) =>
      group.map((trace) => ({
        ...trace,
        reward: { value: 0.1, branch: 'wrong answer, good format', em: 0, f1: 0 } as const,
      })),
    );
    const before = await responseLogprobs(decoder);
    const { stats } = await grpoUpdate({ decoder, trainState }, groups, 1, OPTIONS);
    expect(stats).toMatchObject({ zeroSpreadGroups: 1, gradNorm: 0, tokensTrained: 0, losses: [0] });
    expect(await responseLogprobs(decoder)).toEqual(before);
  });

  it('holds the policy near the reference, and tells the KL', async () => {
    const reference = makeModel().decoder;
    const drift = async (klWeight: number): Promise<number> => {
      const { decoder, trainState } = makeModel();
      let kl = 0;
      for (let step = 1; step <= 6; step++) {
        const context = { decoder, trainState, reference };
        const { stats, groups } = await grpoUpdate(context, await makeGroups(decoder), step, {
          ...OPTIONS,
          klWeight,
        });
        kl = stats.kl;
        expect(groups[0]?.[0]?.tokens.refLogprobs?.[0]).toBeDefined();
        if (step === 1) expect(kl).toBeLessThan(1e-6);
      }
      return kl;
    };
    const held = await drift(5);
    const loose = await drift(1e-6);
    expect(loose).toBeGreaterThan(0.01);
    expect(held).toBeLessThan(loose / 2);
  });

  it('takes result tokens into the loss when they are not masked', async () => {
    const { decoder, trainState } = makeModel();
    const { groups, stats } = await grpoUpdate({ decoder, trainState }, await makeGroups(decoder), 1, {
      ...OPTIONS,
      maskResults: false,
    });
    // Nobody sampled them: their old logprob is the policy's own, so their ratio is 1.
    expect(groups[0]?.[0]?.tokens.ratios?.[2]).toBeCloseTo(1, 4);
    expect(stats.samplingGap).toBeLessThan(1e-4);
  });

  it('stops between packed batches when aborted, leaving the weights', async () => {
    const { decoder, trainState } = makeModel();
    const before = await responseLogprobs(decoder);
    const controller = new AbortController();
    const context = {
      decoder,
      trainState,
      signal: controller.signal,
      onProgress: () => {
        controller.abort(new Error('stopped'));
      },
    };
    const update = grpoUpdate(context, await makeGroups(decoder), 1, { ...OPTIONS, tokensPerBatch: 4 });
    await expect(update).rejects.toThrow('stopped');
    expect(trainState.step).toBe(0);
    expect(await responseLogprobs(decoder)).toEqual(before);
  });

  it('refuses what cannot be trained on', async () => {
    const { decoder, trainState } = makeModel();
    const groups = await makeGroups(decoder);
    const update = (changed: Partial<GrpoOptions>, of: readonly Trace[][] = groups): Promise<unknown> =>
      grpoUpdate({ decoder, trainState }, of, 1, { ...OPTIONS, ...changed });
    await expect(update({ temperature: 0 })).rejects.toThrow('rollout.temperature is 0');
    await expect(update({ klWeight: 1 })).rejects.toThrow('no reference policy');
    const unrewarded = [
      [makeTrace({ ...SHAPES[1], reward: 0 }), makeTrace({ prompt: [1], response: [2], inserted: [] })],
    ];
    await expect(update({}, unrewarded)).rejects.toThrow('has no reward');
    const broken = [[makeTrace({ ...SHAPES[0], logprobs: [NaN, 0, 0, 0, 0, 0] }), makeTrace(SHAPES[1])]];
    const before = await responseLogprobs(decoder);
    await expect(update({}, broken)).rejects.toThrow('diverged');
    expect(await responseLogprobs(decoder)).toEqual(before);
  });

  it('learns from the reward and what the length costs, together', async () => {
    const { decoder, trainState } = makeModel();
    const groups = (await makeGroups(decoder)).map((group) =>
      group.map((trace, i) => ({
        ...trace,
        reward: {
          value: 1,
          branch: 'right answer, F1',
          em: 1,
          f1: 1,
          ...(i === 0 ? { shaping: -0.5 } : {}),
        } as const,
      })),
    );
    const { groups: judged, stats } = await grpoUpdate({ decoder, trainState }, groups, 1, OPTIONS);
    expect(stats.zeroSpreadGroups).toBe(0);
    expect(judged[0]?.map((trace) => Math.sign(trace.advantage ?? 0))).toEqual([-1, 1]);
  });
});
