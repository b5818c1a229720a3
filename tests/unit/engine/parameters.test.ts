import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../../src/engine/backend.ts';
import { decoderTensors, isRedundantTensor } from '../../../src/engine/decoderTensors.ts';
import { Parameters, type TensorSpec } from '../../../src/engine/parameters.ts';
import { tensorOf, type Tensor } from '../../../src/engine/tensors.ts';
import { TrainState } from '../../../src/engine/trainState.ts';
import { smallConfig } from './generationModel.ts';
import { openBackend } from './openBackend.ts';

const specs: TensorSpec[] = [
  { name: 'norm', shape: [3], decay: false, init: { constant: 1 } },
  { name: 'matrix', shape: [70, 2], decay: true, init: { normal: 0.5 } },
  { name: 'other', shape: [2, 2], decay: true, init: { normal: 0.5 } },
];

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
afterAll(() => backend.dispose());

function made(seed: number): Parameters {
  const parameters = new Parameters(backend, specs);
  parameters.initialise(seed);
  return parameters;
}

async function valuesOf(parameters: Parameters): Promise<Record<string, number[]>> {
  const tensors = await parameters.toTensors();
  return Object.fromEntries([...tensors].map(([name, tensor]) => [name, [...tensor.values()]]));
}

describe('parameters', () => {
  it('initialise from the seed alone, with the deviation asked for', async () => {
    const [a, b, c] = [await valuesOf(made(1)), await valuesOf(made(1)), await valuesOf(made(2))];
    expect(a).toEqual(b);
    expect(a['matrix']).not.toEqual(c['matrix']);
    expect(a['norm']).toEqual([1, 1, 1]);
    expect(a['other']).not.toEqual(a['matrix']?.slice(0, 4));
    const large = new Parameters(backend, [
      { name: 'w', shape: [101, 99], decay: true, init: { normal: 0.02 } },
    ]);
    large.initialise(5);
    const w = (await valuesOf(large))['w'] ?? [];
    const mean = w.reduce((sum, x) => sum + x, 0) / w.length;
    const deviation = Math.sqrt(w.reduce((sum, x) => sum + (x - mean) ** 2, 0) / w.length);
    expect(Math.abs(mean)).toBeLessThan(0.001);
    expect(Math.abs(deviation - 0.02)).toBeLessThan(0.0005);
    expect(Math.max(...w.map(Math.abs))).toBeGreaterThan(0.06);
  });

  it('count weights without padding, decayed ones first', () => {
    const parameters = made(1);
    expect(parameters.count).toBe(147);
    expect(parameters.names()).toEqual(['matrix', 'other', 'norm']);
    expect([parameters.decayedSize, parameters.size]).toEqual([256, 320]);
  });

  it('load what they save, and copy from each other', async () => {
    const [a, b, c] = [made(1), made(2), made(3)];
    b.load(await a.toTensors(), 'a.safetensors');
    c.copyFrom(a);
    expect(await valuesOf(b)).toEqual(await valuesOf(a));
    expect(await valuesOf(c)).toEqual(await valuesOf(a));
    const other = new Parameters(backend, specs.slice(1));
    expect(() => other.copyFrom(a)).toThrow('differ');
  });

  it('refuse tensors that do not fit, listing all of them and changing nothing', async () => {
    const parameters = made(1);
    const before = await valuesOf(parameters);
    const tensors = new Map<string, Tensor>([
      ['matrix', tensorOf([2, 70], new Float32Array(140))],
      ['norm', tensorOf([3], new Float32Array(3))],
      ['extra', tensorOf([1], new Float32Array(1))],
    ]);
    const load = (): void => parameters.load(tensors, 'x.safetensors');
    expect(load).toThrow('missing other [2, 2]');
    expect(load).toThrow('matrix is [2, 70], expected [70, 2]');
    expect(load).toThrow('unexpected extra');
    expect(load).toThrow(/^x\.safetensors: /);
    expect(await valuesOf(parameters)).toEqual(before);
  });

  it('accept the copy of a tied head', () => {
    expect(isRedundantTensor(smallConfig, 'lm_head.weight')).toBe(true);
    expect(isRedundantTensor({ ...smallConfig, tieWordEmbeddings: false }, 'lm_head.weight')).toBe(false);
    expect(decoderTensors(smallConfig).map(({ name }) => name)).not.toContain('lm_head.weight');
  });
});

describe('training state', () => {
  const options = {
    learningRate: 0.1,
    betas: [0.9, 0.99],
    epsilon: 1e-8,
    weightDecay: 0,
    maxGradNorm: Infinity,
  } as const;

  it('continues from a snapshot as if it had never stopped', async () => {
    const gradients = Float32Array.from({ length: 320 }, (_, i) => Math.sin(i));
    const run = async (snapshotAt: number): Promise<Record<string, number[]>> => {
      let parameters = made(1);
      let train = new TrainState(parameters);
      for (let step = 0; step < 4; step++) {
        if (step === snapshotAt) {
          const snapshot = await train.save();
          const copy = made(9);
          copy.copyFrom(parameters);
          train.dispose();
          parameters = copy;
          train = new TrainState(copy);
          train.restore(snapshot);
        }
        backend.write(
          train.grads,
          gradients.map((g) => g * (step + 1)),
        );
        await train.update(options);
      }
      expect(train.step).toBe(4);
      return valuesOf(parameters);
    };
    expect(await run(2)).toEqual(await run(-1));
  });

  it('gives the gradient norm before clipping and leaves zero gradients', async () => {
    const parameters = made(1);
    const train = new TrainState(parameters);
    backend.write(train.grads, Float32Array.of(3, 4));
    expect(await train.gradNorm()).toBeCloseTo(5, 5);
    expect(await train.update({ ...options, maxGradNorm: 1 })).toBeCloseTo(5, 5);
    expect(await train.gradNorm()).toBe(0);
    expect(() => new TrainState(parameters)).toThrow('already have gradients');
    train.dispose();
    expect(parameters.weight('norm').grad).toBeNull();
  });

  it('refuses the snapshot of another model', () => {
    const train = new TrainState(made(1));
    expect(() => train.restore({ step: 1, m: new Float32Array(3), v: new Float32Array(3) })).toThrow(
      'another model',
    );
    train.dispose();
  });
});
