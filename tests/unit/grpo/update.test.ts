import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { Decoder } from '../../../src/engine/decoder.ts';
import { decoderTensors } from '../../../src/engine/decoderTensors.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { scoreSequences } from '../../../src/engine/scoring.ts';
import { TrainState } from '../../../src/engine/trainState.ts';
import { stepMetrics } from '../../../src/grpo/metrics.ts';
import { grpoUpdate, type GrpoOptions } from '../../../src/grpo/update.ts';
import { variantNames, variantOf } from '../../../src/grpo/variants/variants.ts';
import { behaviourShares } from '../../../src/traces/behaviours.ts';
import type { Trace } from '../../../src/traces/trace.ts';
import { smallConfig } from '../engine/generationModel.ts';
import { openBackend } from '../engine/openBackend.ts';
import { makeTrace } from './makeTrace.ts';

const OPTIONS: GrpoOptions = {
  variant: 'grpo',
  lldsWeight: 0,
  maxTokens: 20,
  learningRate: 0.01,
  warmupSteps: 0,
  weightDecay: 0,
  maxGradNorm: 1,
  clipLow: 0.2,
  clipHigh: 0.28,
  klWeight: 0,
  entropyWeight: 0,
  divideByStd: true,
  minibatches: 1,
  epochs: 1,
  maskResults: true,
  temperature: 0.8,
  tokensPerBatch: 24,
};

interface Model {
  readonly decoder: Decoder;
  readonly trainState: TrainState;
}

let backend: Backend;
const models: Model[] = [];

beforeAll(async () => {
  backend = await openBackend();
});

afterAll(() => {
  for (const { decoder, trainState } of models) {
    trainState.dispose();
    decoder.parameters.dispose();
  }
  backend.dispose();
});

/** Keeps the gradient instead of taking a step. */
class WatchingTrainState extends TrainState {
  caught = new Float32Array(0);

  override async update(): Promise<number> {
    this.caught = new Float32Array(await backend.readF32(this.grads));
    this.zeroGrads();
    return 0;
  }
}

/** A small decoder with random weights; the same each time. */
function makeModel(State: typeof TrainState = TrainState): Model {
  const specs = decoderTensors(smallConfig).map((spec) =>
    'normal' in spec.init ? { ...spec, init: { normal: 0.2 } } : spec,
  );
  const parameters = new Parameters(backend, specs);
  parameters.initialise(3);
  const model = { decoder: new Decoder(smallConfig, parameters), trainState: new State(parameters) };
  models.push(model);
  return model;
}

const SHAPES = [
  { prompt: [1, 2, 3], response: [4, 5, 6, 7, 8, 9], inserted: [2, 3], reward: 1 },
  { prompt: [1, 2, 3], response: [10, 11, 12], inserted: [], reward: 0 },
  { prompt: [7, 8], response: [13, 14, 15, 16, 17, 18, 19], inserted: [1], reward: 0.1 },
  { prompt: [7, 8], response: [20, 21], inserted: [], reward: 0.6 },
] as const;

/** log π of the response tokens of each shape under the model as it is. */
async function responseLogprobs(decoder: Decoder): Promise<number[][]> {
  const sequences = SHAPES.map(({ prompt, response }) => ({
    ids: [...prompt, ...response],
    from: prompt.length,
  }));
  const scores = await scoreSequences(decoder, sequences, OPTIONS.temperature);
  return scores.map(({ logprob }) => [...logprob]);
}

/** Two groups of two rollouts with the model's own logprobs, moved by `shift` as if the policy had since changed. */
async function makeGroups(decoder: Decoder, shift: (i: number) => number = () => 0): Promise<Trace[][]> {
  const logprobs = await responseLogprobs(decoder);
  const traces = SHAPES.map((shape, s) =>
    makeTrace({ ...shape, logprobs: (logprobs[s] ?? []).map((logprob, i) => logprob + shift(i + 3 * s)) }),
  );
  return [traces.slice(0, 2), traces.slice(2)];
}

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

  // CISPO's ratio is a weight outside the gradient, so its loss has other differences: the golden checks it.
  it.each(variantNames.filter((name) => name !== 'cispo'))(
    '%s has the gradient that finite differences of the loss give',
    async (variant) => {
      const reference = makeModel().decoder;
      const { decoder, trainState } = makeModel(WatchingTrainState);
      if (!(trainState instanceof WatchingTrainState)) throw new Error('not watching');
      const groups = await makeGroups(decoder, (i) => 0.15 * Math.sin(i));
      const options = { ...OPTIONS, variant, klWeight: 0.1, entropyWeight: 0.05, tokensPerBatch: 16 };
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
      const { decoder, trainState } = makeModel();
      const options = { ...OPTIONS, ...variantOf(variant).numbers.grpo, variant, tokensPerBatch };
      const groups = await makeGroups(decoder, (i) => 0.2 * Math.sin(i));
      const { stats } = await grpoUpdate({ decoder, trainState }, groups, 1, options);
      losses.push([...stats.losses, stats.gradNorm]);
    }
    losses[0]?.forEach((loss, i) => expect(losses[1]?.[i]).toBeCloseTo(loss, 4));
  });

  it('leaves out of the mean the groups that DAPO could not redraw', async () => {
    const { decoder, trainState } = makeModel(WatchingTrainState);
    if (!(trainState instanceof WatchingTrainState)) throw new Error('not watching');
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
      const { decoder, trainState } = makeModel();
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

describe('stepMetrics', () => {
  it('joins what rollouts and update tell', () => {
    const trace = { ...makeTrace({ ...SHAPES[0], logprobs: [] }), behaviours: ['self-correction'] as const };
    const stats = {
      kl: 0.1,
      clipFraction: 0.2,
      zeroSpreadGroups: 0.5,
      gradNorm: 3,
      tokensTrained: 40,
      losses: [],
      samplingGap: 0,
      learningRate: 1,
    };
    const metrics = stepMetrics(7, [trace, makeTrace(SHAPES[1])], stats, { rollout: 2, train: 1 });
    expect(metrics).toEqual({
      step: 7,
      reward: 0.5,
      em: 0,
      f1: 0.5,
      formatRate: 1,
      searches: 0,
      responseTokens: 3.5,
      selfCorrections: 0.5,
      behaviours: {
        ...behaviourShares([]),
        'self-correction': 0.5,
      },
      entropy: 0,
      kl: 0.1,
      clipFraction: 0.2,
      zeroSpreadGroups: 0.5,
      gradNorm: 3,
      secondsRollout: 2,
      secondsTrain: 1,
      tokensGenerated: 7,
      tokensTrained: 40,
    });
  });
});
