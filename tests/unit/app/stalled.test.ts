import { describe, expect, it } from 'vitest';
import type { KeptUpdate } from '../../../src/app/store/labState.ts';
import { stalledWords } from '../../../src/app/train/stalled.ts';
import type { TraceReward } from '../../../src/traces/trace.ts';
import { recordedFixture } from '../../e2e/recordedFixture.ts';
import { broken, makeTrace, right, wrong } from './traces.ts';

const [{ groups } = { groups: [] }] = recordedFixture().groups;

function update(step: number, reward: TraceReward, advantage: number): KeptUpdate {
  const trace = { ...makeTrace({ reward }), advantage };
  const other = { ...trace, advantage: 0 - advantage };
  return { step, groups: groups.map((group) => ({ ...group, traces: [trace, other] })) };
}
const updates = (count: number, reward: TraceReward, advantage = 0): readonly KeptUpdate[] =>
  Array.from({ length: count }, (_, i) => update(i + 1, reward, advantage));

describe('a run that learns nothing any more', () => {
  it('is told after five updates without any advantage, and what may mend it', () => {
    expect(stalledWords(updates(5, broken))).toMatch(/break the format; .*lower learning rate/);
    expect(stalledWords(updates(5, right))).toMatch(/more hops/);
    expect(stalledWords(updates(5, wrong))).toMatch(/higher temperature or larger groups/);
  });

  it('is not told of fewer updates, or while one of the last five still taught', () => {
    expect(stalledWords(updates(4, broken))).toBeUndefined();
    expect(stalledWords([...updates(4, broken), update(5, wrong, 0.7)])).toBeUndefined();
    expect(stalledWords([update(0, wrong, 0.7), ...updates(5, broken)])).toBeDefined();
  });
});
