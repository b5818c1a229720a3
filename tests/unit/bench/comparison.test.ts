import { describe, expect, it } from 'vitest';
import { flopsPerRound, fmaLoop } from '../../../bench/limits/fmaLoop.ts';
import { shareOfLimit } from '../../../bench/limits/limits.ts';
import { measure } from '../../../bench/measure.ts';
import { compared } from '../../../bench/suites/compared.ts';
import { difference } from '../../../bench/work/difference.ts';
import { trainFlops, trainTask } from '../../../bench/work/trainTask.ts';

const config = {
  modelType: 'qwen3',
  vocabSize: 10,
  hiddenSize: 4,
  intermediateSize: 6,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  headDim: 2,
  normEps: 1e-6,
  ropeTheta: 10000,
  tieWordEmbeddings: true,
  qkvBias: false,
  outputBias: false,
  qkNorm: true,
  maxPositions: 8,
} as const;

describe('measure', () => {
  it('takes the median of the seconds that a contender reports, in turn with the others', async () => {
    const order: string[] = [];
    const reported = [9, 1, 5, 2];
    const contender = (name: string) => ({
      name,
      run: () => {
        order.push(name);
        return name === 'own clock' ? (reported.shift() ?? NaN) : 3;
      },
    });
    const seconds = await measure([contender('own clock'), contender('other')], {
      warmups: 1,
      rounds: 3,
      seconds: 0,
    });
    expect(seconds.get('own clock')).toBe(2); // 9 was the warm-up
    expect(order.slice(2)).toEqual(['own clock', 'other', 'own clock', 'other', 'own clock', 'other']);
  });
});

describe('compared', () => {
  const comparison = {
    suite: 's',
    case: 'c',
    amount: 12,
    unit: 'tokens/s',
    ours: 'ours',
    peers: [
      { id: 'slow', label: 'Slow' },
      { id: 'fast', label: 'Fast' },
      { id: 'absent', label: 'Absent' },
    ],
  };

  it('holds ours against the fastest peer and names the others', () => {
    const seconds = new Map(Object.entries({ ours: 2, slow: 6, fast: 3 }));
    expect(compared({ ...comparison, seconds })).toEqual({
      suite: 's',
      case: 'c',
      ours: 6,
      peer: 4,
      peerName: 'Fast',
      ratio: 1.5,
      unit: 'tokens/s',
      note: 'Slow 2.00',
    });
  });

  it('has no ratio where no peer ran', () => {
    const row = compared({ ...comparison, seconds: new Map([['ours', 2]]) });
    expect(row).toMatchObject({ ours: 6, peer: null, ratio: null });
  });
});

describe('difference', () => {
  const expected = [Float32Array.of(1, -4), Float32Array.of(2)];

  it('is the worst output’s largest gap over its largest value', () => {
    expect(difference(expected, [Float32Array.of(1, -4), Float32Array.of(2)])).toBe(0);
    expect(difference(expected, [Float32Array.of(2, -4), Float32Array.of(2)])).toBe(0.25);
  });

  it('takes one number for the sum of many, and nothing else of another length', () => {
    expect(difference(expected, [Float32Array.of(-3), Float32Array.of(2)])).toBe(0);
    expect(difference(expected, [Float32Array.of(1, -4, 0), Float32Array.of(2)])).toBe(Infinity);
    expect(difference(expected, [Float32Array.of(1, -4)])).toBe(Infinity);
  });

  it('lets no NaN pass', () => {
    expect(difference(expected, [Float32Array.of(NaN, -4), Float32Array.of(2)])).toBeNaN();
  });
});

describe('limits', () => {
  it('are those of the resource that binds, memory by the copy nearest in size', () => {
    const copies = [
      { bytes: 100, bytesPerSecond: 100 },
      { bytes: 10_000, bytesPerSecond: 10 },
    ];
    const limits = { flops: 50, copies };
    expect(shareOfLimit(limits, { flops: 100, bytes: 0 }, 4)).toBe(0.5);
    expect(shareOfLimit(limits, { flops: 0, bytes: 200 }, 4)).toBe(0.5);
    expect(shareOfLimit(limits, { flops: 0, bytes: 5000 }, 1000)).toBe(0.5);
  });

  it('are measured by a loop that multiplies and adds as often as it is said to', async () => {
    const { instance } = await WebAssembly.instantiate(fmaLoop());
    const run = instance.exports['run'] as (rounds: number) => number;
    // Each sum halves its distance to 1 every round, from 0.
    const sums = flopsPerRound / 8;
    expect(run(1)).toBeCloseTo(sums * 0.5, 6);
    expect(run(3)).toBeCloseTo(sums * 0.875, 6);
  });
});

describe('the training task', () => {
  it('counts every product of forward and backward', () => {
    // Matrices of the layer: q 4·4, k and v 2·4 each, o 4·4, gate, up and down 6·4 each; 6 tokens of 2 sequences.
    const layer = 16 + 8 + 8 + 16 + 3 * 24;
    const pairs = 2 * (1 + 2 + 3);
    const attention = 2 * 2 * pairs * 2 * 2;
    expect(trainFlops({ config, sequences: 2, length: 3 })).toBe(
      3 * (2 * 6 * layer + 2 * 4 * 10 * 4 + attention),
    );
  });

  it('is the same numbers every time, with ids of the vocabulary', () => {
    const [a, b] = [
      trainTask({ config, sequences: 2, length: 3 }),
      trainTask({ config, sequences: 2, length: 3 }),
    ];
    expect(a.ids).toEqual(b.ids);
    expect(a.weights).toEqual(b.weights);
    expect(Math.max(...a.ids)).toBeLessThan(10);
    expect(Math.min(...a.ids)).toBeGreaterThanOrEqual(0);
  });
});
