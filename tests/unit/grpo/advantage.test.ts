import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupAdvantages } from '../../../src/grpo/advantage.ts';
import { learningRateAt } from '../../../src/grpo/schedule.ts';

describe('groupAdvantages', () => {
  it('divides by the unbiased deviation, as the paper’s code does', () => {
    const { mean, std, advantages } = groupAdvantages([1, 0.1, 0, 0.1], true);
    expect(mean).toBeCloseTo(0.3, 12);
    expect(std).toBeCloseTo(0.469041575982343, 12);
    expect(advantages[0]).toBeCloseTo(0.7 / (0.469041575982343 + 1e-6), 12);
    expect(advantages[2]).toBeCloseTo(-0.3 / (0.469041575982343 + 1e-6), 12);
  });

  it('leaves the division out when told to', () => {
    expect(groupAdvantages([1, 0], false).advantages).toEqual([0.5, -0.5]);
  });

  it('gives exactly 0 to a group of equal rewards, also where their mean is rounded', () => {
    const { advantages, zeroSpread } = groupAdvantages([0.1, 0.1, 0.1], true);
    expect(advantages).toEqual([0, 0, 0]);
    expect(zeroSpread).toBe(true);
    expect(groupAdvantages([0.1, 0], true).zeroSpread).toBe(false);
  });

  it('refuses a group of one', () => {
    expect(() => groupAdvantages([1], true)).toThrow('groupSize');
  });

  it('sums to 0, keeps the order of rewards, and has unit deviation', () => {
    const reward = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
    const rewards = fc.array(reward, { minLength: 2, maxLength: 16 });
    fc.assert(
      fc.property(rewards, (list) => {
        const { advantages, std } = groupAdvantages(list, true);
        expect(advantages.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6);
        list.forEach((value, i) => {
          if (value > (list[0] ?? 0)) expect(advantages[i]).toBeGreaterThan(advantages[0] ?? 0);
        });
        if (std > 0.01) {
          const variance = advantages.reduce((sum, a) => sum + a * a, 0) / (list.length - 1);
          expect(variance).toBeCloseTo(1, 3);
        }
      }),
    );
  });
});

describe('learningRateAt', () => {
  it('rises in equal parts, then stays', () => {
    expect([1, 2, 4, 5, 100].map((step) => learningRateAt(step, 8, 4))).toEqual([2, 4, 8, 8, 8]);
    expect(learningRateAt(1, 8, 0)).toBe(8);
  });
});
