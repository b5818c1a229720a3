import { describe, expect, it } from 'vitest';
import { bySearches, chances, pushAt, selfCorrection } from '../../../src/app/learn/lessons.ts';
import { recordedFixture } from '../../e2e/recordedFixture.ts';
import { makeTrace, right, wrong } from './traces.ts';

const clip = { clipLow: 0.2, clipHigh: 0.28, klWeight: 0 };

describe('what Learn counts', () => {
  it('counts right answers by searches', () => {
    const groups = recordedFixture().groups.flatMap((update) => update.groups);
    expect(bySearches(groups)).toEqual([
      { searches: 0, rollouts: 3, right: 0 },
      { searches: 1, rollouts: 3, right: 3 },
    ]);
  });

  it('takes the shortest self-correction that ended well, of those alike the newest', () => {
    const run = recordedFixture();
    expect(selfCorrection(run)).toBeUndefined();
    const corrected = (id: string, reward: typeof right, length: number) => ({
      ...makeTrace({ parts: [['answer', length]], reward }),
      id,
      behaviours: ['self-correction' as const],
    });
    const groups = run.groups.map((update, i) => ({
      ...update,
      groups: update.groups.map((group) => ({
        ...group,
        traces: [corrected(`long ${i}`, right, 9), corrected(`well ${i}`, i === 2 ? wrong : right, 2)],
      })),
    }));
    expect(selfCorrection({ ...run, groups })?.id).toBe('well 1');
  });

  it('tells how sure the policy was of its own tokens, not of the passages', () => {
    const trace = makeTrace({
      parts: [
        ['think', 3],
        ['result', 2],
        ['answer', 1],
      ],
      reward: right,
    });
    const logprobs = trace.tokens.generated.map((own, i) => (own ? (i === 0 ? Math.log(0.3) : -0.01) : null));
    const counted = chances({ ...trace, tokens: { ...trace.tokens, logprobs } });
    const own = trace.tokens.generated.filter((generated) => generated).length;
    expect(counted).toEqual({ tokens: own, sure: own - 1, open: 1 });
  });
});

describe('the push on one token', () => {
  it('is the advantage times the ratio until the clip, and nothing beyond it', () => {
    expect(pushAt(1, { advantage: 1, ...clip }).push).toBeCloseTo(1);
    expect(pushAt(1.2, { advantage: 1, ...clip }).push).toBeCloseTo(1.2);
    expect(pushAt(1.5, { advantage: 1, ...clip })).toMatchObject({ push: 0, clipped: true });
    expect(pushAt(0.5, { advantage: 1, ...clip })).toMatchObject({ clipped: false });
    expect(pushAt(0.5, { advantage: -1, ...clip })).toMatchObject({ push: 0, clipped: true });
  });

  it('with a KL weight pulls back to where it began, also where the clip is silent', () => {
    const pulled = pushAt(1.5, { advantage: 1, ...clip, klWeight: 0.5 });
    expect(pulled.push).toBeLessThan(0);
    expect(pulled.kl).toBeGreaterThan(0);
    expect(pushAt(1, { advantage: 0, ...clip, klWeight: 0.5 })).toMatchObject({ kl: 0 });
  });
});
